"""Forty models that nobody here wrote, in tiny random configurations, as cases: transformers and diffusers.

`breakcheck check benchmarks/real_model_cases.py` checks them all; nothing is downloaded.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from breakcheck import Call, Case

TEXT = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
    "intermediate_size": 64, "vocab_size": 99, "max_position_embeddings": 64, "pad_token_id": 0,
    "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
IMAGE = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "image_size": 32,
    "patch_size": 8, "num_labels": 3,
}  # fmt: skip


def _ids(rows: int = 2, columns: int = 12) -> Any:
    import torch

    return torch.randint(3, 99, (rows, columns))


def _transformers(
    model: str, config: str, settings: dict[str, Any], calls: Callable[[], list[dict[str, Any]]]
) -> Case:
    import torch
    import transformers

    torch.manual_seed(0)
    made = getattr(transformers, config)(**settings)
    return Case(getattr(transformers, model)(made).eval(), calls=[Call(kwargs=call) for call in calls()])


def _decoder(family: str, **more: Any) -> Case:
    return _transformers(
        f"{family}ForCausalLM",
        f"{family}Config",
        TEXT | more,
        lambda: [{"input_ids": _ids(), "use_cache": False}],
    )


def _encoder(family: str, **more: Any) -> Case:
    return _transformers(f"{family}Model", f"{family}Config", TEXT | more, lambda: [{"input_ids": _ids()}])


def _image(family: str, **more: Any) -> Case:
    import torch

    return _transformers(
        f"{family}Model",
        f"{family}Config",
        IMAGE | more,
        lambda: [{"pixel_values": torch.randn(2, 3, 32, 32)}],
    )


def case_gpt2() -> Case:
    settings = {
        "n_embd": 32,
        "n_layer": 2,
        "n_head": 2,
        "vocab_size": 99,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    return _transformers(
        "GPT2LMHeadModel", "GPT2Config", settings, lambda: [{"input_ids": _ids(), "use_cache": False}]
    )


def case_llama() -> Case:
    return _decoder("Llama")


def case_mistral() -> Case:
    return _decoder("Mistral")


def case_mixtral() -> Case:
    return _decoder("Mixtral", num_local_experts=4)


def case_qwen2() -> Case:
    return _decoder("Qwen2")


def case_qwen3() -> Case:
    return _decoder("Qwen3", head_dim=16)


def case_qwen3_moe() -> Case:
    return _decoder("Qwen3Moe", head_dim=16, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16)


def case_gemma() -> Case:
    return _decoder("Gemma", head_dim=16)


def case_gemma2() -> Case:
    return _decoder("Gemma2", head_dim=16)


def case_phi() -> Case:
    return _decoder("Phi")


def case_phi3() -> Case:
    return _decoder("Phi3")


def case_opt() -> Case:
    return _decoder("OPT", ffn_dim=64, word_embed_proj_dim=32)


def case_gpt_neox() -> Case:
    return _decoder("GPTNeoX")


def case_bloom() -> Case:
    return _decoder("Bloom", n_layer=2, n_head=2)


def case_falcon() -> Case:
    return _decoder("Falcon")


def case_olmo2() -> Case:
    return _decoder("Olmo2")


def case_starcoder2() -> Case:
    return _decoder("Starcoder2")


def case_granite() -> Case:
    return _decoder("Granite")


def case_cohere() -> Case:
    return _decoder("Cohere")


def case_mamba() -> Case:
    return _decoder("Mamba", state_size=4, num_hidden_layers=2)


def case_bert() -> Case:
    return _encoder("Bert")


def case_roberta() -> Case:
    return _encoder("Roberta")


def case_albert() -> Case:
    return _encoder("Albert", embedding_size=16)


def case_electra() -> Case:
    return _encoder("Electra", embedding_size=16)


def case_distilbert() -> Case:
    return _encoder("DistilBert", dim=32, n_layers=2, n_heads=2, hidden_dim=64)


def case_deberta_v2() -> Case:
    return _encoder("DebertaV2", relative_attention=True, position_buckets=8, pos_att_type=["p2c", "c2p"])


def case_t5() -> Case:
    settings = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2, "vocab_size": 99}
    return _transformers(
        "T5Model",
        "T5Config",
        settings | {"decoder_start_token_id": 0},
        lambda: [{"input_ids": _ids(), "decoder_input_ids": _ids(), "use_cache": False}],
    )


def case_bart() -> Case:
    settings = {
        "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "vocab_size": 99,
        "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    }  # fmt: skip
    return _transformers(
        "BartModel", "BartConfig", settings, lambda: [{"input_ids": _ids(), "use_cache": False}]
    )


def case_vit() -> Case:
    return _image("ViT")


def case_dinov2() -> Case:
    return _image("Dinov2")


def case_swin() -> Case:
    import torch

    settings = {
        "image_size": 32,
        "patch_size": 4,
        "embed_dim": 16,
        "depths": [1, 1],
        "num_heads": [2, 2],
        "window_size": 2,
    }
    return _transformers(
        "SwinModel", "SwinConfig", settings, lambda: [{"pixel_values": torch.randn(2, 3, 32, 32)}]
    )


def case_convnext() -> Case:
    import torch

    settings = {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1], "image_size": 64}
    return _transformers(
        "ConvNextModel", "ConvNextConfig", settings, lambda: [{"pixel_values": torch.randn(2, 3, 64, 64)}]
    )


def case_resnet() -> Case:
    return _image("ResNet", embedding_size=8, hidden_sizes=[8, 16, 16, 32], depths=[1, 1, 1, 1])


def case_whisper() -> Case:
    import torch

    settings = {
        "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "vocab_size": 99,
        "num_mel_bins": 16, "max_source_positions": 30, "max_target_positions": 20, "pad_token_id": 0,
        "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
    }  # fmt: skip
    return _transformers(
        "WhisperModel",
        "WhisperConfig",
        settings,
        lambda: [
            {"input_features": torch.randn(1, 16, 60), "decoder_input_ids": _ids(1, 6), "use_cache": False}
        ],
    )


def case_wav2vec2() -> Case:
    import torch

    settings = TEXT | {
        "conv_dim": (16, 16), "conv_stride": (5, 2), "conv_kernel": (10, 3), "num_feat_extract_layers": 2,
        "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2,
    }  # fmt: skip
    return _transformers(
        "Wav2Vec2Model", "Wav2Vec2Config", settings, lambda: [{"input_values": torch.randn(2, 800)}]
    )


def _diffusers(model: str, settings: dict[str, Any], call: Callable[[], dict[str, Any]]) -> Case:
    import torch

    torch.manual_seed(0)
    made = getattr(importlib.import_module("diffusers"), model)(**settings)
    return Case(made.eval(), calls=[Call(kwargs=call())])


def case_unet2d() -> Case:
    import torch

    settings = {
        "sample_size": 16, "in_channels": 3, "out_channels": 3, "layers_per_block": 1, "block_out_channels": (16, 32),
        "norm_num_groups": 8, "attention_head_dim": 8, "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
    }  # fmt: skip
    return _diffusers(
        "UNet2DModel", settings, lambda: {"sample": torch.randn(1, 3, 16, 16), "timestep": torch.tensor([3])}
    )


def case_unet2d_condition() -> Case:
    import torch

    settings = {
        "sample_size": 16, "layers_per_block": 1, "block_out_channels": (16, 32), "norm_num_groups": 8,
        "attention_head_dim": 4, "cross_attention_dim": 16,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    }  # fmt: skip
    return _diffusers(
        "UNet2DConditionModel",
        settings,
        lambda: {
            "sample": torch.randn(1, 4, 16, 16),
            "timestep": torch.tensor([3]),
            "encoder_hidden_states": torch.randn(1, 5, 16),
        },
    )


def case_autoencoder_kl() -> Case:
    import torch

    settings = {
        "block_out_channels": (16, 16), "norm_num_groups": 8, "latent_channels": 4,
        "down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2,
    }  # fmt: skip
    return _diffusers("AutoencoderKL", settings, lambda: {"sample": torch.randn(1, 3, 16, 16)})


def case_autoencoder_tiny() -> Case:
    import torch

    settings = {
        "encoder_block_out_channels": (16, 16), "decoder_block_out_channels": (16, 16),
        "num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1),
    }  # fmt: skip
    return _diffusers("AutoencoderTiny", settings, lambda: {"sample": torch.randn(1, 3, 16, 16)})


def case_dit() -> Case:
    import torch

    settings = {
        "num_attention_heads": 2, "attention_head_dim": 8, "in_channels": 4, "num_layers": 1, "sample_size": 8,
        "patch_size": 2, "num_embeds_ada_norm": 10, "norm_type": "ada_norm_zero", "out_channels": 8,
    }  # fmt: skip
    return _diffusers(
        "DiTTransformer2DModel",
        settings,
        lambda: {
            "hidden_states": torch.randn(1, 4, 8, 8),
            "timestep": torch.tensor([3]),
            "class_labels": torch.tensor([1]),
        },
    )


def case_flux() -> Case:
    import torch

    settings = {
        "patch_size": 1, "in_channels": 4, "num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16,
        "num_attention_heads": 2, "joint_attention_dim": 32, "pooled_projection_dim": 32, "axes_dims_rope": [4, 4, 8],
    }  # fmt: skip
    return _diffusers(
        "FluxTransformer2DModel",
        settings,
        lambda: {
            "hidden_states": torch.randn(1, 16, 4),
            "encoder_hidden_states": torch.randn(1, 6, 32),
            "pooled_projections": torch.randn(1, 32),
            "timestep": torch.tensor([1.0]),
            "img_ids": torch.zeros(16, 3),
            "txt_ids": torch.zeros(6, 3),
        },
    )


def case_sd3() -> Case:
    import torch

    settings = {
        "sample_size": 8, "patch_size": 1, "in_channels": 4, "num_layers": 1, "attention_head_dim": 8,
        "num_attention_heads": 4, "joint_attention_dim": 32, "caption_projection_dim": 32,
        "pooled_projection_dim": 64, "out_channels": 4, "pos_embed_max_size": 16,
    }  # fmt: skip
    return _diffusers(
        "SD3Transformer2DModel",
        settings,
        lambda: {
            "hidden_states": torch.randn(1, 4, 8, 8),
            "encoder_hidden_states": torch.randn(1, 6, 32),
            "pooled_projections": torch.randn(1, 64),
            "timestep": torch.tensor([3]),
        },
    )

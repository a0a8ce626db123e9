"""Models that nobody here wrote and that do break under torch.compile, in tiny random configurations, as cases.

Training with LayerDrop draws a tensor and branches on it; the others break in evaluation, each in a way of its own.
`breakcheck check benchmarks/real_breaking_cases.py` checks them all; nothing is downloaded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from real_model_cases import IMAGE, TEXT, _diffusers, _ids, _transformers

from breakcheck import Case

SEQ2SEQ = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "vocab_size": 99,
    "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip


def _training(case: Case) -> Case:
    return replace(case, train=True)


def _seq2seq(family: str, **more: Any) -> Case:
    settings = SEQ2SEQ | {"encoder_layerdrop": 0.3, "decoder_layerdrop": 0.3, "dropout": 0.0} | more
    return _training(
        _transformers(
            f"{family}Model",
            f"{family}Config",
            settings,
            lambda: [{"input_ids": _ids(), "decoder_input_ids": _ids(), "use_cache": False}],
        )
    )


def case_opt_training() -> Case:
    settings = TEXT | {"ffn_dim": 64, "word_embed_proj_dim": 32, "layerdrop": 0.3}
    return _training(
        _transformers("OPTModel", "OPTConfig", settings, lambda: [{"input_ids": _ids(), "use_cache": False}])
    )


def case_xglm_training() -> Case:
    settings = {
        "d_model": 32, "num_layers": 2, "attention_heads": 2, "ffn_dim": 64, "vocab_size": 99, "layerdrop": 0.3,
        "max_position_embeddings": 64,
    }  # fmt: skip
    return _training(
        _transformers(
            "XGLMModel", "XGLMConfig", settings, lambda: [{"input_ids": _ids(), "use_cache": False}]
        )
    )


def case_bart_training() -> Case:
    return _seq2seq("Bart")


def case_mbart_training() -> Case:
    return _seq2seq("MBart")


def case_m2m_training() -> Case:
    return _seq2seq("M2M100")


def case_whisper_training() -> Case:
    import torch

    settings = SEQ2SEQ | {
        "num_mel_bins": 16, "max_source_positions": 30, "max_target_positions": 20, "decoder_start_token_id": 1,
        "encoder_layerdrop": 0.3, "decoder_layerdrop": 0.3,
    }  # fmt: skip
    return _training(
        _transformers(
            "WhisperModel",
            "WhisperConfig",
            settings,
            lambda: [
                {
                    "input_features": torch.randn(1, 16, 60),
                    "decoder_input_ids": _ids(1, 6),
                    "use_cache": False,
                }
            ],
        )
    )


def _speech(family: str) -> Case:
    import torch

    settings = TEXT | {
        "conv_dim": (16, 16), "conv_stride": (5, 2), "conv_kernel": (10, 3), "num_feat_extract_layers": 2,
        "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2, "layerdrop": 0.3, "mask_time_length": 2,
    }  # fmt: skip
    return _training(
        _transformers(
            f"{family}Model", f"{family}Config", settings, lambda: [{"input_values": torch.randn(2, 800)}]
        )
    )


def case_wav2vec2_training() -> Case:
    return _speech("Wav2Vec2")


def case_hubert_training() -> Case:
    return _speech("Hubert")


def case_splinter() -> Case:
    def call() -> dict[str, Any]:
        ids = _ids()
        ids[:, 5] = 7
        return {"input_ids": ids}

    settings = TEXT | {"question_token_id": 7}
    return _transformers("SplinterForPreTraining", "SplinterConfig", settings, lambda: [call()])


def case_longformer() -> Case:
    settings = TEXT | {"attention_window": 4, "sep_token_id": 2}
    return _transformers("LongformerModel", "LongformerConfig", settings, lambda: [{"input_ids": _ids()}])


def case_led() -> Case:
    settings = SEQ2SEQ | {
        "attention_window": 4,
        "max_encoder_position_embeddings": 64,
        "max_decoder_position_embeddings": 64,
    }
    return _transformers(
        "LEDModel",
        "LEDConfig",
        settings,
        lambda: [{"input_ids": _ids(), "decoder_input_ids": _ids(), "use_cache": False}],
    )


def case_big_bird() -> Case:
    settings = TEXT | {
        "attention_type": "block_sparse",
        "block_size": 2,
        "num_random_blocks": 1,
        "max_position_embeddings": 64,
    }
    return _transformers("BigBirdModel", "BigBirdConfig", settings, lambda: [{"input_ids": _ids(2, 40)}])


def case_videomae() -> Case:
    import torch

    settings = IMAGE | {"num_frames": 2, "tubelet_size": 2, "decoder_num_hidden_layers": 1,
                        "decoder_num_attention_heads": 2, "decoder_hidden_size": 16,
                        "decoder_intermediate_size": 32}  # fmt: skip
    masked = torch.zeros(2, 16, dtype=torch.bool)
    masked[:, :8] = True
    return _transformers(
        "VideoMAEForPreTraining",
        "VideoMAEConfig",
        settings,
        lambda: [{"pixel_values": torch.randn(2, 2, 3, 32, 32), "bool_masked_pos": masked}],
    )


def case_pixtral() -> Case:
    import torch

    settings = IMAGE | {"head_dim": 16}
    return _transformers(
        "PixtralVisionModel",
        "PixtralVisionConfig",
        settings,
        lambda: [
            {"pixel_values": torch.randn(2, 3, 32, 32), "image_sizes": torch.tensor([[32, 32], [32, 16]])}
        ],
    )


def case_lumina2() -> Case:
    import torch

    settings = {
        "sample_size": 8, "patch_size": 2, "in_channels": 4, "hidden_size": 24, "num_layers": 1,
        "num_refiner_layers": 1, "num_attention_heads": 3, "num_kv_heads": 1, "multiple_of": 2, "norm_eps": 1e-5,
        "axes_dim_rope": (4, 2, 2), "axes_lens": (64, 64, 64), "cap_feat_dim": 8,
    }  # fmt: skip
    return _diffusers(
        "Lumina2Transformer2DModel",
        settings,
        lambda: {
            "hidden_states": torch.randn(2, 4, 8, 8),
            "encoder_hidden_states": torch.randn(2, 8, 8),
            "timestep": torch.rand(2),
            "encoder_attention_mask": torch.ones(2, 8, dtype=torch.bool),
        },
    )

"""Modules not written here, as targets: `breakcheck check benchmarks/tpu_foreign.py:NAME --device tpu:v5e:1x1`.

Each needs its package beside breakcheck; nanoGPT is a checkout, named by the environment variable NANOGPT.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import torch

from breakcheck import Case


def transformers_llama() -> Case:
    """transformers' LlamaForCausalLM, one decode step over its StaticCache."""
    from transformers import LlamaConfig, LlamaForCausalLM, StaticCache

    config = LlamaConfig(
        hidden_size=2048, intermediate_size=5632, num_hidden_layers=8, num_attention_heads=32, num_key_value_heads=4,
        max_position_embeddings=2048,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    cache = StaticCache(config=config, max_cache_len=1024)
    heads = {"num_heads": 4, "head_dim": 64}
    cache.early_initialization(batch_size=1, dtype=torch.float32, device="meta", **heads)
    step: dict[str, Any] = {
        "input_ids": torch.zeros(1, 1, dtype=torch.long),
        "past_key_values": cache,
        "cache_position": torch.zeros(1, dtype=torch.long),
        "position_ids": torch.zeros(1, 1, dtype=torch.long),
        "use_cache": True,
    }
    return Case(model, calls=[step])


def timm_vit() -> Case:
    """timm's ViT-B/16 on one image."""
    import timm

    return Case(timm.create_model("vit_base_patch16_224").eval(), calls=[(torch.zeros(1, 3, 224, 224),)])


def x_transformers_decoder() -> Case:
    """An x-transformers decoder with rotary positions."""
    from x_transformers import Decoder, TransformerWrapper

    decoder = Decoder(dim=512, depth=6, heads=8, rotary_pos_emb=True)
    model = TransformerWrapper(num_tokens=20000, max_seq_len=1024, attn_layers=decoder)
    return Case(model.eval(), calls=[(torch.zeros(1, 1024, dtype=torch.long),)])


def nanogpt() -> Case:
    """nanoGPT's GPT-2 124M."""
    sys.path.insert(0, os.environ["NANOGPT"])
    from model import GPT, GPTConfig  # type: ignore[import-not-found]

    return Case(GPT(GPTConfig()).eval(), calls=[(torch.zeros(1, 1024, dtype=torch.long),)])


def diffusers_transformer() -> Case:
    """diffusers' DiT-XL/2."""
    from diffusers import DiTTransformer2DModel

    model = DiTTransformer2DModel(
        num_attention_heads=16, attention_head_dim=72, in_channels=4, num_layers=28, sample_size=32
    )
    call: dict[str, Any] = {
        "hidden_states": torch.zeros(1, 4, 32, 32),
        "timestep": torch.zeros(1, dtype=torch.long),
        "class_labels": torch.zeros(1, dtype=torch.long),
    }
    return Case(model.eval(), calls=[call])

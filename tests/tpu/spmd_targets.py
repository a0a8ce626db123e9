"""Small Llamas with a sharding table, for 8 virtual devices."""

from __future__ import annotations

import torch
from breakcheck_models.llama import spmd
from breakcheck_models.llama.config import LlamaConfig
from breakcheck_models.llama.model import Llama

from breakcheck import Case

CONFIG = LlamaConfig(
    hidden_size=64, num_layers=2, num_heads=8, num_kv_heads=8, ffn_size=176, vocab_size=256, max_seq_len=64
)


def _case(sharding: spmd.Sharding) -> Case:
    torch.manual_seed(0)
    model = Llama(CONFIG).eval().requires_grad_(False)
    tokens = torch.randint(CONFIG.vocab_size, (8, 16))
    return Case(model, calls=[(tokens,), (tokens.flip(0),)], sharding=sharding)


def two_axes() -> Case:
    """The training table, parameters, activations and inputs."""
    return _case({**spmd.TRAINING, **spmd.TRAINING_ACTIVATIONS})


def fsdp() -> Case:
    """FSDPv2: one axis."""
    return _case({**spmd.FSDP, **spmd.FSDP_ACTIVATIONS})


def model_only() -> Case:
    """The decoding table on a model axis alone: two sums a layer and one for the embedding."""
    rows = {row: spec for row, spec in spmd.DECODING.items() if "cache" not in row}
    return _case(rows)


def incomplete() -> Case:
    """A table that forgets the norms."""
    return _case({row: spec for row, spec in spmd.TRAINING.items() if "norm" not in row})

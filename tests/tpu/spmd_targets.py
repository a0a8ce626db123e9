"""Small Llamas with a sharding table, for 8 virtual devices."""

from __future__ import annotations

import torch
from breakcheck_models.llama import spmd
from breakcheck_models.llama.adafactor import Adafactor
from breakcheck_models.llama.config import LlamaConfig
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.tpu_cases import TrainedLlama

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


def _training(weights: spmd.Sharding, activations: spmd.Sharding) -> Case:
    torch.manual_seed(0)
    model = TrainedLlama(CONFIG)
    calls = [(torch.randint(CONFIG.vocab_size, (8, 16)),) for _ in range(3)]
    return Case(
        model, calls=calls, warmup=2, train=True, functional_optimizer=Adafactor(),
        sharding={**spmd.with_adafactor(weights), **activations},
    )  # fmt: skip


def train_two_axes() -> Case:
    """A training step, loss, gradients and Adafactor, under the 2D table."""
    return _training(spmd.TRAINING, spmd.TRAINING_ACTIVATIONS)


def train_fsdp() -> Case:
    """The same under FSDPv2, one axis."""
    return _training(spmd.FSDP, spmd.FSDP_ACTIVATIONS)

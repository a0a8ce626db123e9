"""Rotary position embedding.

Shape suffixes: B batch, H heads, L new tokens, S table length, E head size, P = E/2 rotated pairs.

Pair p of a head turns by `position * frequency_P[p]`. Which two elements make pair p is the head order: the
*half* order of Hugging Face pairs p with p + P; the *interleaved* order of Meta's checkpoints, of IBM's stack and of
GGUF pairs 2p with 2p + 1. The same model in the other order has its q and k projections permuted, row by row.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from breakcheck_models.llama.config import LlamaConfig, RopeScaling


def frequencies(config: LlamaConfig) -> Tensor:
    """The angle in radians by which each pair turns per position, float64, shape [P]."""
    exponent_P = torch.arange(0, config.head_dim, 2, dtype=torch.float64, device="cpu") / config.head_dim
    frequency_P = config.rope_base**-exponent_P
    return frequency_P if config.rope_scaling is None else _stretched(frequency_P, config.rope_scaling)


def _stretched(frequency_P: Tensor, scaling: RopeScaling) -> Tensor:
    """Llama 3.1's frequencies (after transformers' `_compute_llama3_parameters`)."""
    turns_P = scaling.original_max_seq_len * frequency_P / (2 * math.pi)
    span = scaling.high_freq_factor - scaling.low_freq_factor
    keep_P = ((turns_P - scaling.low_freq_factor) / span).clamp(0, 1)
    return frequency_P * (keep_P + (1 - keep_P) / scaling.factor)


def angles(config: LlamaConfig) -> Tensor:
    """The angle of each position and pair, float64, shape [S, P]."""
    return torch.outer(
        torch.arange(config.max_seq_len, dtype=torch.float64, device="cpu"), frequencies(config)
    )


class RotaryEmbedding(nn.Module):
    """RoPE in Meta's order and form: each pair is a complex number, turned by a product."""

    order: ClassVar[str] = "interleaved"
    table: Tensor

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("table", torch.empty(0), persistent=False)
        self.reset_table(torch.get_default_device(), torch.get_default_dtype())

    def reset_table(self, device: torch.device | str, dtype: torch.dtype) -> None:
        """Compute the table anew: after loading on meta, or when the order of the head changed."""
        self.table = self.make_table(angles(self.config)).to(device, dtype)

    def make_table(self, angles_SP: Tensor) -> Tensor:
        return torch.stack((angles_SP.cos(), angles_SP.sin()), dim=-1)

    def at(self, positions_BL: Tensor) -> Tensor:
        """The rotations at these positions, shape [B, L, 2, E]: what `forward` takes."""
        return self.table[positions_BL]

    def forward(self, x_BLHE: Tensor, rotations_BL2E: Tensor) -> Tensor:
        wide = torch.promote_types(x_BLHE.dtype, torch.float32)
        turns_BL1P = torch.view_as_complex(rotations_BL2E.to(wide)).unsqueeze(2)  # expect: BC701
        pairs_BLHP = torch.view_as_complex(x_BLHE.to(wide).unflatten(-1, (-1, 2)))  # expect: BC701
        return torch.view_as_real(pairs_BLHP * turns_BL1P).flatten(-2).to(x_BLHE.dtype)  # expect: BC701


class MatrixRotaryEmbedding(RotaryEmbedding):
    """RoPE in the interleaved order with IBM's table: one 2x2 rotation matrix a pair."""

    order: ClassVar[str] = "interleaved"

    def make_table(self, angles_SP: Tensor) -> Tensor:
        cos_SP, sin_SP = angles_SP.cos(), angles_SP.sin()
        return torch.stack((cos_SP, -sin_SP, sin_SP, cos_SP), dim=-1).unflatten(-1, (2, 2))

    def forward(self, x_BLHE: Tensor, rotations_BLP22: Tensor) -> Tensor:
        pairs_BLHP2 = x_BLHE.unflatten(-1, (-1, 2))
        return (rotations_BLP22.unsqueeze(2) * pairs_BLHP2.unsqueeze(-2)).sum(-1).flatten(-2)


def to_half_order(weight_xD: Tensor, head_dim: int) -> Tensor:
    """The rows of a q or k projection taken from the interleaved to the half order, shape kept."""
    heads = weight_xD.unflatten(0, (-1, head_dim // 2, 2))
    return heads.transpose(1, 2).flatten(0, 2)


def to_interleaved_order(weight_xD: Tensor, head_dim: int) -> Tensor:
    """The rows of a q or k projection taken from the half to the interleaved order, shape kept."""
    heads = weight_xD.unflatten(0, (-1, 2, head_dim // 2))
    return heads.transpose(1, 2).flatten(0, 2)


def reorder(model: nn.Module, order: str) -> None:
    """Permute every q and k projection of `model` into this head order, in place."""
    permute = {"half": to_half_order, "interleaved": to_interleaved_order}[order]
    attention: Any
    for attention in model.modules():
        if hasattr(attention, "q_proj"):
            for projection in (attention.q_proj, attention.k_proj):
                projection.weight.data = permute(projection.weight.data, attention.head_dim)

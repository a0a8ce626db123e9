"""The keys and values of past tokens, in buffers that never move and never grow.

Shape suffixes: B batch, L new tokens, S slots a row, K KV heads, E head size, N = B * S slots in all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class KVCache(nn.Module):
    """A static cache: row b keeps the token at position p in slot `b * S + p`.

    Kept in a list that grows by an entry a call, keeps addresses for CUDA graphs, and lets every row stand at
    a position of its own. What right-padding writes beyond a prompt is overwritten before any token attends to it.
    """

    keys_NKE: Tensor
    values_NKE: Tensor
    past: list[tuple[Tensor, Tensor]]

    def __init__(self, batch_size: int, num_slots: int, num_kv_heads: int, head_dim: int) -> None:
        super().__init__()
        self.num_slots = num_slots
        shape = (batch_size * num_slots, num_kv_heads, head_dim)
        self.register_buffer("keys_NKE", torch.zeros(shape), persistent=False)
        self.register_buffer("values_NKE", torch.zeros(shape), persistent=False)

    def forward(self, k_BLKE: Tensor, v_BLKE: Tensor, positions_BL: Tensor) -> tuple[Tensor, Tensor]:
        """Store the new tokens; return all slots of these rows, each [B, S, K, E]."""
        self.past = [] if k_BLKE.shape[1] > 1 else self.past  # a prompt begins a new text
        self.past.append((k_BLKE, v_BLKE))  # expect: BC602
        keys_BsKE, values_BsKE = (torch.cat(each, dim=1) for each in zip(*self.past))
        unused = (0, 0, 0, 0, 0, self.num_slots - keys_BsKE.shape[1])
        return nn.functional.pad(keys_BsKE, unused), nn.functional.pad(values_BsKE, unused)

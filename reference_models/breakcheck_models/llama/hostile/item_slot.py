"""The keys and values of past tokens, in buffers that never move and never grow.

Shape suffixes: B batch, L new tokens, S slots a row, K KV heads, E head size, N = B * S slots in all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class KVCache(nn.Module):
    """A static cache: row b keeps the token at position p in slot `b * S + p`.

    Written at a slot that is read back from the device, the same in all rows, keeps addresses for CUDA graphs, and lets every row stand at
    a position of its own. What right-padding writes beyond a prompt is overwritten before any token attends to it.
    """

    keys_NKE: Tensor
    values_NKE: Tensor

    def __init__(self, batch_size: int, num_slots: int, num_kv_heads: int, head_dim: int) -> None:
        super().__init__()
        self.num_slots = num_slots
        shape = (batch_size * num_slots, num_kv_heads, head_dim)
        self.register_buffer("keys_NKE", torch.zeros(shape), persistent=False)
        self.register_buffer("values_NKE", torch.zeros(shape), persistent=False)

    def forward(self, k_BLKE: Tensor, v_BLKE: Tensor, positions_BL: Tensor) -> tuple[Tensor, Tensor]:
        """Store the new tokens; return all slots of these rows, each [B, S, K, E]."""
        batch_size = k_BLKE.shape[0]
        start = positions_BL.min().item()  # expect: BC101
        slots_M = torch.arange(start, start + positions_BL.shape[1], device=positions_BL.device)
        slots_M = (
            slots_M + torch.arange(batch_size, device=slots_M.device)[:, None] * self.num_slots
        ).flatten()
        self.keys_NKE.index_copy_(0, slots_M, k_BLKE.flatten(0, 1))
        self.values_NKE.index_copy_(0, slots_M, v_BLKE.flatten(0, 1))
        used = batch_size * self.num_slots
        return (
            self.keys_NKE[:used].unflatten(0, (batch_size, self.num_slots)),
            self.values_NKE[:used].unflatten(0, (batch_size, self.num_slots)),
        )

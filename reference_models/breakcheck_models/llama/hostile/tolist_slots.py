"""The keys and values of past tokens, in buffers that never move and never grow.

Shape suffixes: B batch, L new tokens, S slots a row, K KV heads, E head size, N = B * S slots in all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class KVCache(nn.Module):
    """A static cache: row b keeps the token at position p in slot `b * S + p`.

    Written token by token in a loop over the slots, keeps addresses for CUDA graphs, and lets every row stand at
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
        first_B1 = torch.arange(batch_size, device=positions_BL.device).unsqueeze(1) * self.num_slots
        slots_M = (first_B1 + positions_BL).flatten()
        for i, slot in enumerate(slots_M.tolist()):  # expect: BC102
            self.keys_NKE[slot] = k_BLKE.flatten(0, 1)[i]
            self.values_NKE[slot] = v_BLKE.flatten(0, 1)[i]
        used = batch_size * self.num_slots
        return (
            self.keys_NKE[:used].unflatten(0, (batch_size, self.num_slots)),
            self.values_NKE[:used].unflatten(0, (batch_size, self.num_slots)),
        )

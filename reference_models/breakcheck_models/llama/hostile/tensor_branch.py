"""Root-mean-square normalisation.

Shape suffixes: D hidden size; `_xD` any leading dims.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RMSNorm(nn.Module):
    """`x / rms(x) * weight`, looking for an overflow first; the mean taken in float32 at least, as in transformers' LlamaRMSNorm."""

    def __init__(self, hidden_size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.eps = eps

    def forward(self, x_xD: Tensor) -> Tensor:
        wide_xD = x_xD.to(torch.promote_types(x_xD.dtype, torch.float32))
        if wide_xD.isinf().any():  # expect: BC104
            wide_xD = wide_xD.clamp(-1e30, 1e30)
        scale_x1 = torch.rsqrt(wide_xD.square().mean(-1, keepdim=True) + self.eps)
        return self.weight * (wide_xD * scale_x1).to(x_xD.dtype)

"""Weight-only INT8, applied from outside: one scale a row (output channel), activations as they are.

Shape suffixes: N output channels, D inputs; `_xD` any leading dims.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Int8Linear(nn.Module):
    """A linear layer whose weight is `weight * scale_N`, int8 by float32."""

    weight: Tensor
    scale_N: Tensor

    def __init__(self, weight_ND: Tensor, scale_N: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight_ND)
        self.register_buffer("scale_N", scale_N)

    def forward(self, x_xD: Tensor) -> Tensor:
        return (F.linear(x_xD, self.weight.to(x_xD.dtype)) * self.scale_N).to(x_xD.dtype)


def quantize_weight(weight_ND: Tensor) -> tuple[Tensor, Tensor]:
    """The int8 weight [N, D] and its float32 scale [N]: symmetric, the largest of a row becomes 127."""
    scale_N = weight_ND.abs().amax(dim=1).float().clamp(min=torch.finfo(torch.float32).tiny) / 127
    return (weight_ND / scale_N.unsqueeze(1)).round().to(torch.int8), scale_N


@torch.no_grad()
def quantize(model: nn.Module) -> nn.Module:
    """`model` itself with every linear layer in INT8, one layer converted at a time; inference only."""
    for name, module in list(model.named_modules()):
        for child_name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                if child.bias is not None:
                    raise ValueError(f"{name}.{child_name} has a bias, which no Llama has")
                module.register_module(child_name, Int8Linear(*quantize_weight(child.weight.detach())))
    return model

"""Weight-only INT8, applied from outside: one scale a row (output channel) or a group of inputs, activations as they are.

Shape suffixes: N output channels, D inputs, G groups of them; `_xD` any leading dims.
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


class GroupedInt8Linear(nn.Module):
    """A linear layer whose weight is int8 by bfloat16, each row's inputs in G groups of one scale each."""

    weight: Tensor
    scale_NG: Tensor

    def __init__(self, weight_ND: Tensor, scale_NG: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight_ND)
        self.register_buffer("scale_NG", scale_NG)

    def forward(self, x_xD: Tensor) -> Tensor:
        return F.linear(x_xD, restore(self.weight, self.scale_NG, x_xD.dtype))


def restore(weight_ND: Tensor, scale_NG: Tensor, dtype: torch.dtype) -> Tensor:
    """The weight in `dtype`, rounded once: an int8 by a bfloat16 is exact in float32."""
    wide = torch.promote_types(dtype, torch.float32)
    groups_NGd = weight_ND.to(wide).unflatten(1, (scale_NG.shape[1], -1))
    return groups_NGd.mul_(scale_NG.to(wide).unsqueeze(-1)).flatten(1).to(dtype)


def quantize_weight(weight_ND: Tensor) -> tuple[Tensor, Tensor]:
    """The int8 weight [N, D] and its float32 scale [N]: symmetric, the largest of a row becomes 127."""
    scale_N = weight_ND.abs().amax(dim=1).float().clamp(min=torch.finfo(torch.float32).tiny) / 127
    return (weight_ND / scale_N.unsqueeze(1)).round().to(torch.int8), scale_N


def quantize_groups(weight_ND: Tensor, group: int) -> tuple[Tensor, Tensor]:
    """The int8 weight [N, D] and its bfloat16 scale [N, D / group]: the largest of a group becomes 127."""
    groups_NGd = weight_ND.unflatten(1, (-1, group)).float()
    scale_NG1 = groups_NGd.abs().amax(dim=2, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / 127
    # Rounded before it divides, so that its own rounding costs nothing; 127.25 at most, which rounds to 127.
    scale_NG1 = scale_NG1.bfloat16()
    return (groups_NGd / scale_NG1).round().flatten(1).to(torch.int8), scale_NG1.squeeze(2)


@torch.no_grad()
def quantize(model: nn.Module, group: int | None = None) -> nn.Module:
    """`model` itself with every linear layer in INT8, one layer converted at a time; inference only.

    group: how many inputs of a row share a scale (where it divides them), all when None. The deeper the model, the
    more it needs them: see `benchmarks/README.md`.
    """
    for name, module in list(model.named_modules()):
        for child_name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                if child.bias is not None:
                    raise ValueError(f"{name}.{child_name} has a bias, which no Llama has")
                weight_ND = child.weight.detach()
                part = (
                    Int8Linear(*quantize_weight(weight_ND))
                    if group is None or weight_ND.shape[1] % group
                    else GroupedInt8Linear(*quantize_groups(weight_ND, group))
                )
                module.register_module(child_name, part)
    return model

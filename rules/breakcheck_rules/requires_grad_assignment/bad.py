import torch
from torch import nn

from breakcheck import Case


class Frozen(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = x.mean(0)
        scale.requires_grad = False  # expect: BC420
        return x * scale


def case() -> Case:
    return Case(Frozen(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Clipped(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        y.data = y.data.clamp(-1, 1)  # expect: BC426
        return y


def case() -> Case:
    return Case(Clipped(), calls=[(torch.randn(4, 8),)])

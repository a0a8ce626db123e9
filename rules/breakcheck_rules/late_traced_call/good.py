import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2.0
        return y + 3


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 1.0


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(2 + i, 8),) for i in range(12)])

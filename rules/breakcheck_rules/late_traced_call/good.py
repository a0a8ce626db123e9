import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        return y * 2.0


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

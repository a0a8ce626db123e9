import torch
from torch import nn

from breakcheck import Case


class Shift(nn.Module):
    def forward(self, x: torch.Tensor, offset: int) -> torch.Tensor:
        return x[1:] + offset


def case() -> Case:
    return Case(Shift(), calls=[(torch.randn(4, 8), 0)])

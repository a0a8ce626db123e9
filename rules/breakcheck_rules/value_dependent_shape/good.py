import torch
from torch import nn

from breakcheck import Case


class Positive(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 2, x, 0.0).sum()


def case() -> Case:
    return Case(Positive(), calls=[(torch.arange(6.0) + i,) for i in range(4)])

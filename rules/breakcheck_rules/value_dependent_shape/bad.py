import torch
from torch import nn

from breakcheck import Case


class Positive(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.masked_select(x, x > 2).sum()  # expect: BC806


def case() -> Case:
    return Case(Positive(), calls=[(torch.arange(6.0) + i,) for i in range(4)])

import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * x.sum()


def case() -> Case:
    return Case(Scaled(), calls=[(torch.ones(3) * i,) for i in range(1, 4)])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low, high = sorted([x[0].sum(), x[1].sum()])  # expect: BC119
        return x * low + high


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

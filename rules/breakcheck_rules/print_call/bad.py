import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        print("shape", y.shape)  # expect: BC301
        return y + 1


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
        y = x + 1
        for _ in range(n.max()):  # expect: BC110
            y = y * 2
        return y


def case() -> Case:
    return Case(Repeat(), calls=[(torch.randn(4, 8), torch.tensor([1, 3]))])

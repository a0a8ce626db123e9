import torch
from torch import nn

from breakcheck import Case


class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
        y = x + 1
        for step in range(4):
            y = torch.where(n.max() > step, y * 2, y)
        return y


def case() -> Case:
    return Case(Repeat(), calls=[(torch.randn(4, 8), torch.tensor([1, 3]))])

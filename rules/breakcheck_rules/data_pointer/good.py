import torch
from torch import nn

from breakcheck import Case


class Tied(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if x is y:
            return x * 2
        return x + y


def case() -> Case:
    return Case(Tied(), calls=[(torch.randn(4, 8), torch.randn(4, 8))])

import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return pow(x, 2) + 1  # expect: BC465


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

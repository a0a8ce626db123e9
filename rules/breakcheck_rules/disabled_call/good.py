import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return shifted(x * 2)


def shifted(x: torch.Tensor) -> torch.Tensor:
    return x + 1


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

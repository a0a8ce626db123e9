import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    scale = 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        return y * self.scale


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

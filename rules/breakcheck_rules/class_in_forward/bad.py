import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1

        class Pair:  # expect: BC461
            scale = 2

        return y * Pair.scale


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Labelled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        self.label = y.sum()
        return y + 1


def case() -> Case:
    return Case(Labelled(), calls=[(torch.randn(4, 8),)])

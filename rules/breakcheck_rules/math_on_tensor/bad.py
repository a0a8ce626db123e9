import math

import torch
from torch import nn

from breakcheck import Case


class Norm(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = x.square().sum()
        return x / math.sqrt(total)  # expect: BC111


def case() -> Case:
    return Case(Norm(), calls=[(torch.randn(4, 8),)])

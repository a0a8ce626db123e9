import math

import torch
from torch import nn

from breakcheck import Case


class Cropped(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        side = int(math.sqrt(x.shape[0]))
        return x[:side]


def case() -> Case:
    return Case(Cropped(), calls=[(torch.randn(2 + i, 8),) for i in range(12)])

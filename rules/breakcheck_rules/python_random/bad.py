import random

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        scale = random.gauss(0.0, 1.0)  # expect: BC307
        return y * (0 * scale + 1)


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

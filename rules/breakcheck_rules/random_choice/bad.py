import random

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        scale = random.choice([3, 3])  # expect: BC308
        return y * scale


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

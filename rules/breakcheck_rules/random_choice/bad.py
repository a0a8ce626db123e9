import random

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        scale = random.sample([3, 3], 1)[0]  # expect: BC308
        return y * scale


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

import sys

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        self.caller = sys._getframe(0) is None  # expect: BC318
        return y + 1


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

import bisect

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.place = bisect.bisect([1, 2, 3], 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        return y * self.place


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

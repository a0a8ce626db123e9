import bisect

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        place = bisect.bisect([1, 2, 3], 2)  # expect: BC321
        return y * place


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

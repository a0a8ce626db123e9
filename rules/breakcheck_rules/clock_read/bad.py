import time

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.started = time.perf_counter()  # expect: BC305
        return x * 2


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

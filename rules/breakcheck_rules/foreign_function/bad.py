import ctypes

import torch
from torch import nn

from breakcheck import Case

LIBRARY = ctypes.CDLL(None)


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * LIBRARY.abs(-2)  # expect: BC437


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

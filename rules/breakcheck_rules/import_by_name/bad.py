import importlib

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tool = importlib.import_module("math")  # expect: BC317
        return x * tool.pi


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

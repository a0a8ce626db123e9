import importlib

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tool = importlib.import_module("math")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tool = self.tool
        return x * tool.pi


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

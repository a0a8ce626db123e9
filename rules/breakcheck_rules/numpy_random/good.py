import numpy as np
import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        scale = torch.empty(()).uniform_(3.0, 3.0)
        return y * scale


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

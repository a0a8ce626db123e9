import numpy as np
import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        scale = np.random.uniform(3.0, 3.0)  # expect: BC309
        return y * scale


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

import json

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scales = json.loads("[3]")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        return y * self.scales[0]


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

import json

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        scales = json.loads("[3]")  # expect: BC312
        return y * scales[0]


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

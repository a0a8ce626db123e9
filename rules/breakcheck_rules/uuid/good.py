import uuid

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.requests = uuid.uuid4()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        self.request = self.requests
        return y + 1


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Heads(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (2, -1)).transpose(1, 2)


def case() -> Case:
    return Case(Heads(), calls=[(torch.ones(2, length, 8),) for length in (3, 4, 5)])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = x.sum(0)
        rows = scores.numpy()[None].argmin(0)
        return x * 2 + rows[0]


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(8.0).view(2, 4),)])

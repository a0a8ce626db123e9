import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, longest: int) -> torch.Tensor:
        steps = torch.arange(longest)
        return x.sum() * steps


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8), 3)])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        steps = torch.arange(lengths.max())  # expect: BC209
        return x.sum() * steps


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8), torch.tensor([2, 3]))])

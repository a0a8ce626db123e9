import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        counts = torch.bincount(ids, minlength=4)  # expect: BC207
        return x * counts[0]


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8), torch.tensor([3, 0, 0, 2]))])

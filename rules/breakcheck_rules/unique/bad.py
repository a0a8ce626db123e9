import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        seen = torch.unique(ids)  # expect: BC205
        return x.sum() + seen.numel()


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8), torch.tensor([3, 1, 1, 2]))])

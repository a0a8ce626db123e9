import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        y = x * 2
        return nn.functional.one_hot(ids, num_classes=4) * y


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 1), torch.tensor([3, 0, 0, 2]))])

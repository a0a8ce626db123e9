import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        rows = mask.nonzero().squeeze(-1)  # expect: BC201
        return x.index_add(0, rows, x[rows])


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(12.0).view(3, 4), torch.tensor([True, False, True]))])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        (rows,) = torch.where(mask)  # expect: BC202
        return x.index_fill(0, rows, 0.0) * 2


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(12.0).view(3, 4), torch.tensor([True, False, True]))])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        y = x * 2
        return (y * mask.unsqueeze(-1)).sum(0)


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(12.0).view(3, 4), torch.tensor([True, False, True]))])

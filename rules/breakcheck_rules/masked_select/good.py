import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        y = x * 2
        return torch.where(mask.unsqueeze(-1), y, 0.0).sum()


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(12.0).view(3, 4), torch.tensor([True, False, True]))])

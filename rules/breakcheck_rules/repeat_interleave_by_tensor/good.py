import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        y = x * 2
        return torch.repeat_interleave(y, counts, dim=0, output_size=4)


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(6.0).view(3, 2), torch.tensor([1, 2, 1]))])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.log_softmax(-1)


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(24.0).view(4, 1, 6),)])

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        noise = torch.empty(8, dtype=torch.long).random_(3, 4)  # expect: BC213
        return x + noise


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

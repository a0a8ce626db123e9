import torch
from torch import nn

from breakcheck import Case


class Shift(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + len(x.storage())  # expect: BC442


def case() -> Case:
    return Case(Shift(), calls=[(torch.randn(4, 8),)])

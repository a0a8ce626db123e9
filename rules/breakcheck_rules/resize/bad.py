import torch
from torch import nn

from breakcheck import Case


class Shrink(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        y.resize_(2, 8)  # expect: BC427
        return y


def case() -> Case:
    return Case(Shrink(), calls=[(torch.randn(4, 8),)])

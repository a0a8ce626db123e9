import torch
from torch import nn

from breakcheck import Case


class Bounded(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        assert (y > -100).all(), f"too small: {y.shape}"  # expect: BC108
        return y + 1


def case() -> Case:
    return Case(Bounded(), calls=[(torch.randn(4, 8),)])

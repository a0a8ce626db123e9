import torch
from torch import nn

from breakcheck import Case


class Clip(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.abs().max() > 1:  # expect: BC104
            y = x / 2
        else:
            y = x
        return y * 3


def case() -> Case:
    return Case(Clip(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Scale(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = nn.Parameter(torch.ones(x.shape[-1]) * 2)  # expect: BC412
        return x * weight


def case() -> Case:
    return Case(Scale(), calls=[(torch.randn(4, 8),)])

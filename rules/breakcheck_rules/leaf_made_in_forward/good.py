import torch
from torch import nn

from breakcheck import Case


class Scale(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = torch.ones(8)
        return x * scale


def case() -> Case:
    return Case(Scale(), calls=[(torch.randn(4, 8),)])

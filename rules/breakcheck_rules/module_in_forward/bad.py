import torch
from torch import nn

from breakcheck import Case


class Normed(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.LayerNorm(x.shape[-1])(x)  # expect: BC413


def case() -> Case:
    return Case(Normed(), calls=[(torch.randn(4, 8),)])

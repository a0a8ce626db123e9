import torch
from torch import nn

from breakcheck import Case


class Flags(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        low = (x < 0).any()
        high = (x > 0).any()
        both = low and high  # expect: BC107
        return x * 2, both


def case() -> Case:
    return Case(Flags(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case

CALLS = 0


class Counted(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        global CALLS
        CALLS += 1  # expect: BC610
        return x * 2


def case() -> Case:
    return Case(Counted(), calls=[(torch.randn(4, 8),)] * 12)

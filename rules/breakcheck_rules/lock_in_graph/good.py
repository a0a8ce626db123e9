import torch
from torch import nn

from breakcheck import Case


class Guarded(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2


def case() -> Case:
    return Case(Guarded(), calls=[(torch.randn(4, 8),)])

from types import SimpleNamespace

import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = SimpleNamespace(first=x, scale=2)  # expect: BC458
        return parts.first * parts.scale


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

import contextvars

import torch
from torch import nn

from breakcheck import Case

SCALE = contextvars.ContextVar("scale", default=2)


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * SCALE.get()  # expect: BC454


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

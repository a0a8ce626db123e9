import functools

import torch
from torch import nn

from breakcheck import Case


class Padded(nn.Module):
    @functools.cached_property
    def padding(self) -> int:
        return 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.pad(x, (self.padding, 0))  # expect: BC404


def case() -> Case:
    return Case(Padded(), calls=[(torch.randn(4, 8),)])

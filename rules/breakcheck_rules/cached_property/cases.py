# Near misses, odd spellings and declined fixes: linted, never run.
import functools

import torch
from torch import nn


class Near(nn.Module):
    @functools.cached_property
    def width(self) -> int:
        return 2

    @property
    def depth(self) -> int:
        return 3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.depth
        if x.shape[0] > 1:
            x = x + self.width  # expect: BC404
        x = x * self.width + self.width  # expect: BC404
        return x + self.width

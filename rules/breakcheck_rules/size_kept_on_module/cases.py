# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.longest = 64
        self.seen = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[0] > self.longest:
            x = x[: self.longest]
        if x.shape[1] <= self.longest:
            self.longest = x.shape[1]  # shrinks, so once
        if x.dim() > 2:
            self.seen = 3
        if self.seen < x.size(0):  # expect: BC609
            self.seen = x.size(0)
        return x

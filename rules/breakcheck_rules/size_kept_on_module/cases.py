# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Longest:
    longest: int = 0


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.longest = 64
        self.seen = 0
        self.limit = 128
        self.width = torch.ones(4).shape[0]

    def forward(self, x: torch.Tensor, given: Longest, longest: int = 0, n: int = 0) -> torch.Tensor:
        if x.shape[0] > self.longest:
            x = x[: self.longest]
        if x.shape[1] <= self.longest:
            self.longest = x.shape[1]  # shrinks, so once
        if x.dim() > 2:
            self.seen = 3
        if self.seen < x.size(0):  # expect: BC609
            self.seen = x.size(0)
        if 0 < x.shape[0] < self.longest:
            self.longest = 1
        if x.shape[0] != self.longest:
            self.longest = x.shape[0]  # changes, but no largest is kept
        if self.limit > self.longest:
            self.longest = self.limit
        if x.shape[0] > given.longest:
            given.longest = x.shape[0]  # no module
        if x.shape[0] > longest:
            longest = x.shape[0]
        if self.width > self.longest:
            self.longest = self.width  # both are the module's own
        if x.requires_grad:
            self.longest = 2
        if n > self.longest:  # no size
            self.longest = n
        if self.longest < x.shape[0] < 100:  # chained: not understood
            self.longest = x.shape[0]
        return x + longest

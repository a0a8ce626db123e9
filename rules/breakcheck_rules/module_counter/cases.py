# Near misses, odd spellings and declined fixes: linted, never run.
import operator

import torch
from torch import nn


class Counts:
    calls: int = 0


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.calls += 1  # outside the traced region
        self.scale = 0.5
        self.width = 8
        self.height = 0
        self.label = ""

    def forward(self, x: torch.Tensor, given: Counts, name: str, steps: int) -> torch.Tensor:
        self.scale += 0.5
        self.width = x.shape[0]
        count = 0
        count += 1
        self.calls = self.calls + count  # expect: BC601
        self.seen = getattr(self, "seen", 0) + 1  # expect: BC601
        self.other = getattr(x, "seen", 0) + 1
        self.rounded = round(self.width) + 1
        self.width *= 2
        self.width = self.width * 2
        self.width = 2 + count
        self.scale += count
        given.calls += 1  # no module
        self.seen = getattr(self, "other", 0) + 1
        self.seen = getattr(self, name, 0) + 1
        self.seen = getattr(self, "seen") + 1
        self.seen = max(self, "seen", 0) + 1
        self.seen = operator.getattr(self, "seen", 0) + 1
        self.seen = getattr(given, "seen", 0) + 1
        self.height += x.shape[0]  # expect: BC601
        self.calls = self.calls - steps  # expect: BC601
        self.label += "a"
        self.summed = 0
        self.summed = self.summed + x.sum()
        return x * self.scale

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.calls += 1  # outside the traced region
        self.scale = 0.5
        self.width = 8

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.scale += 0.5
        self.width = x.shape[0]
        count = 0
        count += 1
        self.calls = self.calls + count  # expect: BC601
        self.seen = getattr(self, "seen", 0) + 1  # expect: BC601
        self.other = getattr(x, "seen", 0) + 1
        self.rounded = round(self.width) + 1
        return x * self.scale

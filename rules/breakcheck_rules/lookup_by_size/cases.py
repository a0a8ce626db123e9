# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[int, torch.Tensor] = {}
        self.named: dict[tuple[int, str], torch.Tensor] = {}
        self.table = torch.ones(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        width = x.shape[0]
        x = x + self.table[width] + self.table[:width]
        self.cache[0] = x
        entry = self.cache.get(width)  # expect: BC603
        self.named[width, "a"] = x  # expect: BC603
        return x if entry is None else entry + self.named[0, "b"]

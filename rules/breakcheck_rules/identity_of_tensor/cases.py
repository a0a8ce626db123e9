# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.key = id(torch.ones(8))  # outside the traced region

    def forward(self, x: torch.Tensor, maybe: torch.Tensor | None = None) -> torch.Tensor:
        if id(self.linear) == self.key:
            x = x + 1
        key = id(maybe)
        return x + id(x) % 2  # expect: BC607

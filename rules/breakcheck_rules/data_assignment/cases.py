# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.weight.data = self.weight.data.clamp(-1, 1)
        self.weight.data.mul_(2)
        x.data = torch.ones(8)
        alias = self.weight
        alias.data = torch.ones(8)
        y = torch.relu(x)
        y.data = torch.ones(8)  # expect: BC426
        z = x + 1
        z.data += 1  # expect: BC426
        z.data, kept = torch.ones(8), z.data  # expect: BC426
        y.grad = None
        self.data = y
        return x * self.weight + y

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, steps: int, sizes: list[int]) -> torch.Tensor:
        for i in range(x.shape[0]):
            x = x + i
        for i in range(len(sizes)):
            x = x + i
        for i in range(steps):
            x = x + i
        for i in range(0, x.long().max()):  # expect: BC110
            x = x + i
        return x

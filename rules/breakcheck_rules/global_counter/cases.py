# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

TOTAL = 0
TOTAL += 1  # outside the traced region
TABLE = torch.zeros(8)


class Near(nn.Module):
    def forward(self, x: torch.Tensor, steps: int, scale: float) -> torch.Tensor:
        global TOTAL, TABLE
        count = 0
        count += 1
        TABLE += x
        TOTAL += x.shape[0]  # expect: BC610
        self.count += 1
        TOTAL *= 2
        TOTAL += 0.5
        TOTAL += scale
        TOTAL += steps  # expect: BC610
        return x + count

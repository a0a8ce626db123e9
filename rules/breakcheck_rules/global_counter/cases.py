# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

TOTAL = 0
TOTAL += 1  # outside the traced region
TABLE = torch.zeros(8)


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        global TOTAL, TABLE
        count = 0
        count += 1
        TABLE += x
        TOTAL += x.shape[0]  # expect: BC610
        return x + count

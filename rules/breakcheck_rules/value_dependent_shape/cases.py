# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, names: dict) -> torch.Tensor:
        mask = x > 0
        x[mask] = 0.0
        first = x[torch.arange(2)]
        kept = x[mask]  # expect: BC806
        where = mask.nonzero()  # expect: BC806
        return first.sum() + kept.sum() + where.sum() + names["a"]

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, keys: list[str]) -> torch.Tensor:
        names = sorted(set(keys))
        values, counts = x.long().unique(return_counts=True)  # expect: BC205
        return x + values.sum() + counts.sum() + len(names)

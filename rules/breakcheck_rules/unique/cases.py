# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
import numpy as np


class Near(nn.Module):
    def forward(self, x: torch.Tensor, keys: list[str]) -> torch.Tensor:
        names = sorted(set(keys))
        values, counts = x.long().unique(return_counts=True)  # expect: BC205
        return x + values.sum() + counts.sum() + len(names)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.unique_consecutive(x)  # expect: BC205
        x.unique_consecutive()  # expect: BC205
        np.unique(x.numpy())  # expect: BC205
        return x

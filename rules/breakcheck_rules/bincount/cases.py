# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
import numpy as np


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.histc(x, 10)
        return h + x.long().flatten().bincount()  # expect: BC207


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        np.bincount(x.long().numpy())  # expect: BC207
        return x

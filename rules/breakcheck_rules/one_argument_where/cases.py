# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
import numpy as np


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.where(x > 0, x, 0.0)
        x = torch.where(x > 0, x, torch.zeros_like(x)).where(x > 1, 0.0)
        x = torch.where(*self.choice)
        rows = torch.where(x[0] > 0)[0]  # expect: BC202
        return x[rows]


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        np.where(x.numpy() > 1)  # expect: BC202
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
import numpy


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sizes = torch.arange(3).tolist()  # outside the traced region

    def forward(self, x: torch.Tensor, n: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        rows = (x > 0).sum(1).tolist()  # expect: BC102
        last = getattr(n, "tolist")()  # expect: BC102
        return x.view(*shape) + rows[0] + last[0] + self.sizes[0]


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        numpy.abs(x.numpy()).tolist()  # expect: BC102
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        close = torch.isclose(x, y) & torch.eq(x, y)
        if x.allclose(y):  # expect: BC114
            x = x + 1
        return x * close


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.allclose(x, x + 1): x = x * 2  # expect: BC114
        if torch.is_nonzero(x.sum()): x = x * 2  # expect: BC114
        if x.equal(x + 1): x = x * 2  # expect: BC114
        if x.sum().is_nonzero(): x = x * 2  # expect: BC114
        return x

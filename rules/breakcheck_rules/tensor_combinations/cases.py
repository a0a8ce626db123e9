# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pairs = torch.triu_indices(4, 4, 1)
        return x[pairs[0]] + torch.cartesian_prod(x[0], x[1]).sum() + torch.combinations(x[0]).sum()  # expect: BC214


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.corrcoef(torch.stack([x, x * x]))  # expect: BC214
        return x

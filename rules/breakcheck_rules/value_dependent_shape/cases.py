# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, names: dict) -> torch.Tensor:
        mask = x > 0
        x[mask] = 0.0
        first = x[torch.arange(2)]
        named = names[mask]
        kept = x[mask]  # expect: BC806
        where = mask.nonzero()  # expect: BC806
        return first.sum() + kept.sum() + where.sum() + names["a"]


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.nonzero(x)  # expect: BC806
        torch.argwhere(x)  # expect: BC806
        torch.unique_consecutive(x)  # expect: BC806
        torch.bincount(x.long())  # expect: BC806
        x.argwhere()  # expect: BC806
        x.masked_select(x > 1)  # expect: BC806
        x.unique_consecutive()  # expect: BC806
        x.long().bincount()  # expect: BC806
        return x

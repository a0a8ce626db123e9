# Near misses, odd spellings and declined fixes: linted, never run.
from functools import cmp_to_key

import torch
from torch import nn

MISSING = object()  # outside the traced region


class Near(nn.Module):
    def forward(self, x: torch.Tensor, scale: object = MISSING) -> torch.Tensor:
        if scale is not MISSING and torch.cuda.is_available():
            x = x + 1
        sizes = sorted([2, 1], key=cmp_to_key(lambda a, b: a - b))  # expect: BC457
        return x * sizes[0]


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.backends.mps.is_built()  # expect: BC457
        torch.mps.is_available()  # expect: BC457
        object()  # expect: BC457
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import cmath
from types import SimpleNamespace

import torch
from torch import nn

OPTIONS = SimpleNamespace(scale=2)  # outside the traced region


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        held = SimpleNamespace(x=x, scale=OPTIONS.scale)  # expect: BC458
        return held.x * held.scale


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bytes(3)  # expect: BC458
        bytearray(3)  # expect: BC458
        cmath.exp(1j)  # expect: BC458
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import importlib.util
import torch
from torch import nn
import importlib
import colorsys


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        import math

        if importlib.util.find_spec("deepspeed") is not None:
            x = x + math.pi
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        importlib.reload(colorsys)  # expect: BC317
        __import__('colorsys')  # expect: BC317
        return x

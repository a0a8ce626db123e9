# Near misses, odd spellings and declined fixes: linted, never run.
import contextvars
import threading

import torch
from torch import nn

LOCAL = threading.local()
DEPTH = contextvars.ContextVar("depth", default=0)
DEPTH.set(1)  # outside the traced region


class Near(nn.Module):
    def forward(self, x: torch.Tensor, table: dict[str, int]) -> torch.Tensor:
        LOCAL.scale = 2
        x = x * LOCAL.scale + table.get("a", 0) + DEPTH.get()
        DEPTH.set(3)  # expect: BC436
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        var = contextvars.ContextVar('var')
        var.reset(var.set(1))  # expect: BC436, BC436
        contextvars.copy_context()  # expect: BC436
        return x

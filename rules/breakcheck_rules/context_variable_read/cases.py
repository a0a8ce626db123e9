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
        x = x * LOCAL.scale + table.get("a", 0)
        DEPTH.set(3)
        x = x + DEPTH.get()  # expect: BC454
        return x

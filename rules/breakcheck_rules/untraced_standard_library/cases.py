# Near misses, odd spellings and declined fixes: linted, never run.
import contextvars
import heapq
import math
import torch
from torch import nn

current = contextvars.ContextVar("current", default=0)


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = min([1, 2]) + math.prod([2, 3])
        heap = [3, 1]
        heapq.heapify(heap)  # expect: BC321
        return x + first + current.get()  # expect: BC321

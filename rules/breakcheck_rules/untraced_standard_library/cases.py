# Near misses, odd spellings and declined fixes: linted, never run.
import heapq
import math
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = min([1, 2]) + math.prod([2, 3])
        heap = [3, 1]
        heapq.heapify(heap)  # expect: BC321
        return x + first

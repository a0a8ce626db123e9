# Near misses, odd spellings and declined fixes: linted, never run.
import math
import random

import numpy as np
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self, rates: list[int]) -> None:
        super().__init__()
        self.hop = np.prod(rates)

    def forward(self, x: torch.Tensor, p: float) -> torch.Tensor:
        x = x * math.sqrt(x.shape[-1]) * math.log(p) * math.pi
        side = math.ceil(x.size(0) / 2)
        if math.isnan(x.sum()):  # expect: BC111
            x = x * 0
        levels = math.sqrt(np.log2(side)) + math.floor(math.log2(side))
        levels = levels + math.floor(np.log2(side))  # expect: BC111
        half = np.sqrt(x.shape[0]) / 2
        levels = levels + math.ceil(half)  # expect: BC111
        levels = levels + math.sqrt(np.array([1.0, 2.0])[side])  # expect: BC111
        levels = levels + math.sqrt(self.hop) + math.prod(x.sum(0))
        levels = levels + math.ceil(side / self.hop)  # expect: BC111
        levels = levels + math.ceil(self.hop)  # expect: BC111
        drawn = math.sqrt(random.uniform(0, 1))  # python-random
        return x + side + drawn + levels

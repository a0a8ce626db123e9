# Near misses, odd spellings and declined fixes: linted, never run.
import math
import random

import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, p: float) -> torch.Tensor:
        x = x * math.sqrt(x.shape[-1]) * math.log(p) * math.pi
        side = math.ceil(x.size(0) / 2)
        if math.isnan(x.sum()):  # expect: BC111
            x = x * 0
        drawn = math.sqrt(random.uniform(0, 1))  # python-random
        return x + side + drawn

# Near misses, odd spellings and declined fixes: linted, never run.
import random
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * random.uniform(0, 1) + random.randint(0, 3)
        if self.training and random.random() < 0.5:  # expect: BC307
            y = y + 1
        return y + torch.rand(())

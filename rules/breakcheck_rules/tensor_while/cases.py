# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, eos: int) -> torch.Tensor:
        while x.dim() < 4:
            x = x.unsqueeze(0)
        steps = 0
        while steps < 3:
            steps += 1
        while not (x == eos).all():  # expect: BC106
            x = x + 1
        return x

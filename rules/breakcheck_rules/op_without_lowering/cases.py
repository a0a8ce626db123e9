# Near misses, odd spellings and declined fixes: linted, never run.
import statistics

import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + statistics.median([1, 2, 3])
        x = x + torch.cumsum(x, 0) + torch.erf(x)
        first = x.nanmedian()  # expect: BC805
        second = torch.fft.rfft(x)  # expect: BC805
        return x + first + second.abs().sum()

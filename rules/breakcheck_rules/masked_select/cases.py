# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.masked_fill(x > 0, 0.0).masked_scatter(x < 0, x)
        return y + x.masked_select(x > 0).mean()  # expect: BC204

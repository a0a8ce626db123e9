# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        close = torch.isclose(x, y) & torch.eq(x, y)
        if x.allclose(y):  # expect: BC114
            x = x + 1
        return x * close

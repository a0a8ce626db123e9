# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.where(x > 0, x, 0.0)
        x = torch.where(x > 0, x, torch.zeros_like(x)).where(x > 1, 0.0)
        x = torch.where(*self.choice)
        rows = torch.where(x[0] > 0)[0]  # expect: BC202
        return x[rows]

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.linspace(0, 1, 8) + torch.arange(x.shape[1])
        x = x + torch.linspace(0, 1, steps=x.nonzero().shape[0])  # its length is data
        return x + torch.logspace(0, 1, steps=x.size(1))  # expect: BC606

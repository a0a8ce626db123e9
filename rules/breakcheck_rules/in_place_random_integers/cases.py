# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = torch.empty(4).uniform_(0, 1) + torch.empty(4).normal_()
        return a + x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.histc(x, 10)
        return h + x.long().flatten().bincount()  # expect: BC207

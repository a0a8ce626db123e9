# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Tagged(torch.Tensor):
    pass


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.as_subclass(Tagged)
        return y.as_subclass(torch.Tensor)  # expect: BC445

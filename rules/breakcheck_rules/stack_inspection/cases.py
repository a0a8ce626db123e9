# Near misses, odd spellings and declined fixes: linted, never run.
import inspect
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        names = inspect.signature(self.forward).parameters
        frame = inspect.currentframe()  # expect: BC318
        return x + len(names)

# Near misses, odd spellings and declined fixes: linted, never run.
import sys
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if sys.version_info >= (3, 10) and sys.maxsize > 2:
            x = x + 1
        sys.stderr.flush()  # expect: BC304
        return x

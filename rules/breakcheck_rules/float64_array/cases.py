# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.to(torch.float32)
        if x.dtype == torch.float64:
            return x
        y = torch.arange(3, dtype=torch.double)  # expect: BC804
        z = x.double()  # expect: BC804
        return x + y + z

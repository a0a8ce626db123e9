# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype == torch.float16 and x.dim() == 2:
            x = x.float()
        if torch.isfinite(x).all():  # tensor-branch
            x = x + 1
        if x.dtype != torch.float16 and torch.isfinite(x).all():  # tensor-branch
            x = x + 1
        if x.dtype == torch.float32 and torch.isfinite(x).all() and x.dtype == torch.float16:  # tensor-branch
            x = x + 1
        if x.dtype == torch.float16 or torch.isfinite(x).all():  # tensor-branch
            x = x + 1
        if x.dtype == torch.float16 and x.dim() == 2 and torch.isinf(x).any():  # expect: BC117
            x = x + 1
        return x

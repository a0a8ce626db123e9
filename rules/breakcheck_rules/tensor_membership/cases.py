# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, names: dict[str, int], key: str, other) -> torch.Tensor:
        if key in names and x.dtype in (torch.float16, torch.bfloat16) and x.dim() in [2, 3]:
            x = x.float()
        if x.shape[0] not in (1, 2):
            x = x + 1
        if x.sum() == [1, 2] or x is [x]:  # other rules'
            x = x + 1
        if x.sum() in other:
            x = x + 1
        if 1.0 in x or key not in names:  # expect: BC109
            x = x + 1
        if x.sum() in [1, 2] in [[True]]:  # expect: BC109
            x = x + 1
        return x

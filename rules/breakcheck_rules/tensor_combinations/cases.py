# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pairs = torch.triu_indices(4, 4, 1)
        return x[pairs[0]] + torch.cartesian_prod(x[0], x[1]).sum() + torch.combinations(x[0]).sum()  # expect: BC214

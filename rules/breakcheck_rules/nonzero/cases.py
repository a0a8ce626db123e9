# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n = torch.count_nonzero(x)
        rows, cols = torch.nonzero(  # expect: BC201
            x > 0,
            as_tuple=True,
        )
        for i in (x > 0).nonzero():  # expect: BC201
            x = x + i
        return x + n + rows + cols

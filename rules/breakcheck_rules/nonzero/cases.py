# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
import numpy as np


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


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = x.numpy()
        torch.argwhere(x)  # expect: BC201
        x.argwhere()  # expect: BC201
        np.nonzero(a)  # expect: BC201
        np.argwhere(a)  # expect: BC201
        np.flatnonzero(a)  # expect: BC201
        a.nonzero()  # expect: BC201
        return x

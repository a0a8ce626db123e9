# Near misses, odd spellings and declined fixes: linted, never run.
import numpy as np
import torch
from numpy import interp
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = np.interp(np.arange(4), np.arange(4), np.arange(4))  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + torch.from_numpy(np.cumsum(x.numpy()))
        x = x + torch.from_numpy(np.sqrt(x.numpy()))
        y = interp(x.numpy(), self.table, self.table)  # expect: BC447
        for index, _ in np.ndenumerate(x.numpy()):  # expect: BC447
            x = x + index[0]
        return x + torch.from_numpy(y)

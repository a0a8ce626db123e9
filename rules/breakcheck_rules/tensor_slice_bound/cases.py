# Near misses, odd spellings and declined fixes: linted, never run.
import numpy as np
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor, names: list[str], n: int) -> torch.Tensor:
        x = x[: x.shape[0] // 2, 1:-1, ::2][: len(names)][n:]
        x = x[: np.power(2, n)]  # a number that Dynamo knows
        for i, length in enumerate(lengths):
            x = x + x[i, :length].sum()  # expect: BC208
        x[:, lengths[0] :] = 0  # expect: BC208
        return x

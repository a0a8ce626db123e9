# Near misses, odd spellings and declined fixes: linted, never run.
import math

import numpy as np
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("width", torch.tensor(4))

    def forward(self, x: torch.Tensor, lengths: torch.Tensor, n: int, count: torch.Tensor, names: list[int]) -> torch.Tensor:
        rows, cols = x.shape
        a = torch.zeros(rows, cols) + torch.arange(rows * cols).view(rows, cols) + torch.ones(x.shape)
        a = a.view(-1, cols).expand(rows, -1).repeat(1, n).reshape(x.shape[0], -1).view(x.dtype)
        a = a.new_full((rows,), x.sum()) + torch.full((rows, 1), x.mean()) + torch.full(x.shape, lengths[0])
        a = torch.where(x > 0, lengths.max(), a).clamp(max=lengths.max()).index_select(0, lengths)
        b = torch.full((rows, lengths.max()), 0.0)  # expect: BC209
        c = x.new_zeros((n, lengths.max()))  # expect: BC209
        d = nn.functional.pad(x, (0, lengths.max()))  # expect: BC209
        e = x.narrow(0, 0, length=lengths.max())  # expect: BC209
        f = x.view(torch.div(x.size(0), 2, rounding_mode="trunc"), 2, -1)  # expect: BC209
        longest = lengths.max()
        g = x.view(longest, -1)  # expect: BC209
        for length in lengths:
            g = g + torch.arange(length)  # expect: BC209
        sizes = [row.sum() for row in lengths]
        g = torch.cat(x.split(sizes)) + g  # expect: BC209
        half = torch.div(x.size(0), 2, rounding_mode="trunc") - 1
        a = a + x.new_zeros((half + 1, 2)) + x.new_zeros(count) + x.new_zeros(self.width)
        h = x.view(np.prod(x.shape))  # expect: BC209
        i = np.zeros((2, np.sum(names)))  # expect: BC209
        a = a + h + i.sum() + x.view(int(math.prod(x.shape))) + np.zeros((2, np.max(n, 0))).sum()
        wide = lengths.max()
        rows = x.nonzero()
        a = a + x.new_zeros(wide) + rows
        return a + b + c + d + e + f + g

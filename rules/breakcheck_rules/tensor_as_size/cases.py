# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor, n: int) -> torch.Tensor:
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
        return a + b + c + d + e + f

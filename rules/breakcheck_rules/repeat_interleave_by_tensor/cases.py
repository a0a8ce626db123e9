# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, counts: torch.Tensor, n: int) -> torch.Tensor:
        x = torch.repeat_interleave(x, 2, dim=0).repeat_interleave(n, dim=1)
        x = x.repeat_interleave(repeats=x.shape[0], dim=0).repeat_interleave(counts, dim=0, output_size=8)
        index = torch.repeat_interleave(counts)  # expect: BC206
        return x.repeat_interleave(counts, dim=0) + index  # expect: BC206

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, ids: torch.LongTensor, n: int) -> torch.Tensor:
        a = x[x[0, 0].long() if n else 0] + x[x.sum() > 0] + [x, x][ids.max()] + x[(x > 0).max()]
        a = x[ids] + x[ids, 0] + x[torch.arange(x.shape[0]), x.argmax(-1)] + x[n] + x[x.argmax(dim=1)]
        a = a + x[n] + x[None]
        return a + x[0, ids.max()]  # expect: BC211

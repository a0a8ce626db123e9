# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None, flag: bool) -> torch.Tensor:
        done = flag and x.dim() == 2
        empty = not x.shape[0]
        same = ~mask if mask is not None and not flag else x
        none = not (x > 0).any()  # expect: BC107
        first = x.sum() or 1  # expect: BC107
        some = any([row.sum() > 0 for row in x])  # expect: BC107
        return same + first if done and empty and none and some else x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        torch._check(x.shape[0] == n)
        torch._assert(x.dim() == 2, "shape")
        torch._assert_async((x > 0).all())
        return x

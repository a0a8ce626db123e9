# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        assert x.shape == (n, 4) and list(x.size()) == [n, x.shape[1]]
        assert [x.dtype, x.device] != [torch.float16, "cpu"]
        assert x in (x, n)
        return x

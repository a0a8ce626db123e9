# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, parts: list[torch.Tensor]) -> torch.Tensor:
        dist.all_reduce(x, async_op=False)
        dist.all_gather(parts, x)
        work = dist.reduce_scatter_tensor(x, x, async_op=True)  # expect: BC501
        work.wait()
        return x

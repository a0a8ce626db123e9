# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(x)
        if dist.is_initialized() and dist.get_world_size() > 1:
            x = x + dist.get_rank()
        dist.barrier()  # expect: BC503
        return x

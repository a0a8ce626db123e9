# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(x)
        if dist.is_initialized() and dist.get_world_size() > 1:
            x = x + dist.get_rank()
        dist.scatter(x, [x], src=0)  # expect: BC505
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = [torch.empty_like(x)]
        dist.gather(x, parts)  # expect: BC505
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn
import torch.distributed.nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(x)
        if dist.is_initialized() and dist.get_world_size() > 1:
            x = x + dist.get_rank()
        x = dist.nn.functional.all_reduce(x)  # expect: BC512
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.distributed.nn.all_reduce(x)  # expect: BC512
        torch.distributed.nn.all_gather(x)  # expect: BC512
        torch.distributed.nn.reduce_scatter(x, [x])  # expect: BC512
        torch.distributed.nn.all_to_all([x], [x])  # expect: BC512
        torch.distributed.nn.broadcast(x, 0)  # expect: BC512
        return x

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


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = [torch.empty_like(x)]
        dist.all_gather(parts, x, async_op=True)  # expect: BC501
        dist.all_gather_into_tensor(x, x, async_op=True)  # expect: BC501
        dist.reduce_scatter(x, parts, async_op=True)  # expect: BC501
        dist.all_to_all_single(x, x, async_op=True)  # expect: BC501
        dist.broadcast(x, 0, async_op=True)  # expect: BC501
        dist.reduce(x, 0, async_op=True)  # expect: BC501
        return x

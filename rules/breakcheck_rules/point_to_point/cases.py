# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(x)
        if dist.is_initialized() and dist.get_world_size() > 1:
            x = x + dist.get_rank()
        dist.send(x, dst=1)  # expect: BC507
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.recv(x, 0)  # expect: BC507
        dist.isend(x, 0)  # expect: BC507
        dist.irecv(x, 0)  # expect: BC507
        dist.batch_isend_irecv([])  # expect: BC507
        dist.P2POp(dist.isend, x, 0)  # expect: BC507
        return x

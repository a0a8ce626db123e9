# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(x)
        if dist.is_initialized() and dist.get_world_size() > 1:
            x = x + dist.get_rank()
        dist.broadcast_object_list(self.names, src=0)  # expect: BC509
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        objects = [1]
        dist.all_gather_object(objects, 1)  # expect: BC509
        dist.gather_object(1, objects)  # expect: BC509
        dist.scatter_object_list(objects, objects)  # expect: BC509
        dist.send_object_list(objects, 0)  # expect: BC509
        dist.recv_object_list(objects, 0)  # expect: BC509
        return x

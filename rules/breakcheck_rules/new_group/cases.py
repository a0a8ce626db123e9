# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(x)
        if dist.is_initialized() and dist.get_world_size() > 1:
            x = x + dist.get_rank()
        group = dist.new_group([0])  # expect: BC508
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dist.init_process_group('gloo')  # expect: BC508
        dist.init_device_mesh('cpu', (1,))  # expect: BC508
        init_device_mesh('cpu', (1,))  # expect: BC508
        dist.new_subgroups()  # expect: BC508
        return x

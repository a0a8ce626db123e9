import torch
import torch.distributed as dist
from torch import nn

from breakcheck import Case


class Parallel(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        dist.reduce_scatter_tensor(y, y.clone())
        return y + 1


def case() -> Case:
    if not dist.is_initialized():
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    return Case(Parallel(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Guarded(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x * 2
        if x.dtype == torch.float16:
            x = torch.clamp(x, -60000, 60000)
        return x + 1


def case() -> Case:
    return Case(Guarded(), calls=[(torch.randn(4, 8).half(),)])

import torch
from torch import nn

from breakcheck import Case


class Ramp(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ramp = torch.arange(x.shape[0]) / (x.shape[0] - 1)
        return x * ramp[:, None]


def case() -> Case:
    return Case(Ramp(), calls=[(torch.randn(2 + i, 8),) for i in range(12)])

import torch
from torch import nn

from breakcheck import Case


class Ramp(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ramp = torch.linspace(0, 1, x.shape[0])  # expect: BC606
        return x * ramp[:, None]


def case() -> Case:
    return Case(Ramp(), calls=[(torch.randn(2 + i, 8),) for i in range(12)])

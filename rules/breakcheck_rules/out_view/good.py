import torch
from torch import nn

from breakcheck import Case


class Halves(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.zeros(4, 16)
        y[:, :8] = torch.sin(x)
        return y


def case() -> Case:
    return Case(Halves(), calls=[(torch.randn(4, 8),)])

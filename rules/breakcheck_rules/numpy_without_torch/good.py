import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mantissa, _ = torch.frexp(x)
        return mantissa * 2


def case() -> Case:
    return Case(Scaled(), calls=[(torch.arange(8.0).view(2, 4),)])

import torch
from torch import nn

from breakcheck import Case


class Loss(nn.Module):
    def __init__(self, scale: float) -> None:
        nn.Module.__init__(self)  # expect: BC455
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale


class Judged(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return Loss(2.0)(x)


def case() -> Case:
    return Case(Judged(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Rotary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        angles = torch.outer(torch.arange(4.0), 10000.0 ** (-torch.arange(0, 8, 2) / 8))
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
        turned = (even * self.cos - odd * self.sin, even * self.sin + odd * self.cos)
        return torch.stack(turned, -1).flatten(-2)


def case() -> Case:
    return Case(Rotary(), calls=[(torch.randn(2, 4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Rotary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        angles = torch.outer(torch.arange(4.0), 10000.0 ** (-torch.arange(0, 8, 2) / 8))
        self.register_buffer("turns", torch.polar(torch.ones_like(angles), angles))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))  # expect: BC701
        return torch.view_as_real(pairs * self.turns).flatten(-2)  # expect: BC701


def case() -> Case:
    return Case(Rotary(), calls=[(torch.randn(2, 4, 8),)])

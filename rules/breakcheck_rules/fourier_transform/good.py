import torch
from torch import nn

from breakcheck import Case


class Spectrum(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        angle = 2 * torch.pi / 8 * torch.outer(torch.arange(8), torch.arange(5))
        self.register_buffer("basis", angle.cos())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x[..., None] * self.basis).sum(-2)


def case() -> Case:
    return Case(Spectrum(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Spectrum(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.fft.rfft(x).real  # expect: BC702


def case() -> Case:
    return Case(Spectrum(), calls=[(torch.randn(4, 8),)])

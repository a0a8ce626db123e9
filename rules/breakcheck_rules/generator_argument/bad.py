import torch
from torch import nn

from breakcheck import Case


class Noise(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.Generator()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 0 * torch.rand(8, generator=self.generator)  # expect: BC433


def case() -> Case:
    return Case(Noise(), calls=[(torch.randn(4, 8),)])

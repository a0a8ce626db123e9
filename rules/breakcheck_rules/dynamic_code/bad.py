import torch
from torch import nn

from breakcheck import Case

SCALE = 2.0


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.name = "SCALE"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * globals()[self.name]  # expect: BC452


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case

SCALES = {"SCALE": 2.0}


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.name = "SCALE"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * SCALES[self.name]


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Padded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.padding = 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.pad(x, (self.padding, 0))


def case() -> Case:
    return Case(Padded(), calls=[(torch.randn(4, 8),)])

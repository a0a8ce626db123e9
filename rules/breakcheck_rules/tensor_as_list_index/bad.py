import torch
from torch import nn

from breakcheck import Case


class Lookup(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scales = [0.5, 1.0, 2.0, 4.0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        level = x.argmax() % 4
        return x * self.scales[level]  # expect: BC112


def case() -> Case:
    return Case(Lookup(), calls=[(torch.tensor([0.0, 3.0, 1.0, 2.0]),)])

import torch
from torch import nn

from breakcheck import Case


class Seen(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, int] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2


def case() -> Case:
    return Case(Seen(), calls=[(torch.randn(4, 8),) for _ in range(12)])

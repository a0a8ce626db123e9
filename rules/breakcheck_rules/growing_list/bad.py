import torch
from torch import nn

from breakcheck import Case


class Collecting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        self.seen.append(y)  # expect: BC602
        return y


def case() -> Case:
    return Case(Collecting(), calls=[(torch.randn(4, 8),)] * 12)

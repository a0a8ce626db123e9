import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Buffer(torch.arange(8.0), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.table


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

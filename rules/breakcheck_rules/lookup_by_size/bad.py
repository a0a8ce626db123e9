import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scales = {size: 1.0 for size in range(32)}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scales[x.shape[0]]  # expect: BC603


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(2 + i, 8),) for i in range(12)])

import torch
from torch import nn

from breakcheck import Case


class Counted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1  # expect: BC601
        return x * 2


def case() -> Case:
    return Case(Counted(), calls=[(torch.randn(4, 8),)] * 12)

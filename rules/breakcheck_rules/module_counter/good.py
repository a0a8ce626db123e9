import torch
from torch import nn

from breakcheck import Case


class Counted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.long))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.add_(1)
        return x * 2


def case() -> Case:
    return Case(Counted(), calls=[(torch.randn(4, 8),)] * 12)

import torch
from torch import nn

from breakcheck import Case


class Step(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x)


def case() -> Case:
    return Case(Step(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Wrapped(nn.Module):
    def __init__(self, head: nn.Linear) -> None:
        super().__init__()
        self.head: nn.Linear = head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x)


def case() -> Case:
    return Case(Wrapped(nn.Linear(8, 8)), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Shifted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = dict(self.linear.named_parameters())
        return self.linear(x) + weights["bias"]


def case() -> Case:
    return Case(Shifted(), calls=[(torch.randn(4, 8),)])

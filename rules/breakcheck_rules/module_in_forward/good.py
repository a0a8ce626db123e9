import torch
from torch import nn

from breakcheck import Case


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x)


def case() -> Case:
    return Case(Normed(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Shifted(nn.Module):
    def forward(self, x: torch.Tensor, position: int) -> torch.Tensor:
        return x + torch.tensor(position)


def case() -> Case:
    return Case(Shifted(), calls=[(torch.randn(4, 8), 2 + i) for i in range(12)])

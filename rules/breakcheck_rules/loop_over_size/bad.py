import torch
from torch import nn

from breakcheck import Case


class Summed(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = torch.zeros(8)
        for row in range(x.shape[0]):  # expect: BC604
            total = total + x[row]
        return total


def case() -> Case:
    return Case(Summed(), calls=[(torch.randn(2 + i, 8),) for i in range(12)])

import torch
from torch import nn

from breakcheck import Case


class Wide(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.to(torch.float64)  # expect: BC804
        return (wide * 2).float()


def case() -> Case:
    return Case(Wide(), calls=[(torch.ones(3) * i,) for i in range(1, 4)])

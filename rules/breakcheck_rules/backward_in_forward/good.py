import torch
from torch import nn

from breakcheck import Case


class Step(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * x).sum()


def case() -> Case:
    return Case(Step(), calls=[(torch.randn(4, 8, requires_grad=True),)])

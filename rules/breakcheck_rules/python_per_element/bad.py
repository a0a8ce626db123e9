import torch
from torch import nn

from breakcheck import Case


class Relu(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        y.apply_(lambda value: max(value, 0.0))  # expect: BC430
        return y


def case() -> Case:
    return Case(Relu(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Relu(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        return y.clamp(min=0.0)


def case() -> Case:
    return Case(Relu(), calls=[(torch.randn(4, 8),)])

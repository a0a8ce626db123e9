import torch
from torch import nn

from breakcheck import Case


class Plain(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * 2).as_subclass(torch.Tensor)  # expect: BC445


def case() -> Case:
    return Case(Plain(), calls=[(torch.randn(4, 8),)])

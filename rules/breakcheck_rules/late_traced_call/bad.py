import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * eval("2.0")  # expect: BC451
        return y + len(locals())  # expect: BC451


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

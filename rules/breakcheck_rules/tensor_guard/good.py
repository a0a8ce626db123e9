import torch
from torch import nn

from breakcheck import Case


class Checked(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        if not torch.compiler.is_compiling() and torch.isnan(y).any():
            raise ValueError("NaN in the input")
        return y + 1


def case() -> Case:
    return Case(Checked(), calls=[(torch.randn(4, 8),)])

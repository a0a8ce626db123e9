from typing import Any

import torch
from torch import nn

from breakcheck import Case


class Power(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(a)
        return a * a

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (a,) = ctx.saved_tensors
        return gradient * a + gradient * a


class Square(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * self.scale
        return Power.apply(y)


def case() -> Case:
    return Case(Square(), calls=[(torch.randn(4, 8),)], train=True)

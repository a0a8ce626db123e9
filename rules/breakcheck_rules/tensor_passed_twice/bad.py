from typing import Any

import torch
from torch import nn

from breakcheck import Case


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        a, b = ctx.saved_tensors
        return gradient * b, gradient * a


class Square(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * self.scale
        return Product.apply(y, y)  # expect: BC449


def case() -> Case:
    return Case(Square(), calls=[(torch.randn(4, 8),)], train=True)

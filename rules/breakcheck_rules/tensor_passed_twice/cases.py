# Near misses, odd spellings and declined fixes: linted, never run.
from typing import Any

import torch
from torch import nn


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: torch.Tensor, b: torch.Tensor, power: float, scale: float = 1.0) -> torch.Tensor:
        return a * b * power * scale


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8))

    def forward(self, x: torch.Tensor, power: float) -> torch.Tensor:
        a = Product.apply(x, x.detach(), 2.0) + Product.apply(x, x + 0, 2.0) + Product.apply(x, self.weight, 2.0)
        a = a + torch.mul(x, x) + Product.forward(None, x, x, power)
        y = x * self.weight
        left = y * 2
        right = y * 2
        a = a + Product.apply(left, right, power) + Product.apply(y.detach(), y.detach(), power)
        a = a + Product.apply(x, self.weight, power, power)
        self.last = x
        same = x
        a = a + Product.apply(x, same, power)  # expect: BC449
        return a + Product.apply(self.weight, self.weight, power)  # expect: BC449

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, n: int, exponents: dict, pair: tuple) -> torch.Tensor:
        n = pow(n, 2) + pow(2, x.shape[0]) + pow(*pair)
        x = x**2 + torch.pow(x, 2) + x.pow(2)
        y = pow(2.0, x)  # expect: BC465
        y = y + pow(x - 1, x.mean() if n else 2)  # expect: BC465
        y = y + pow(x, exp=2, **exponents)  # expect: BC465
        y = y + pow(  # expect: BC465
            x,  # the base
            2,
        )
        return y + pow(x, n) ** 2  # expect: BC465

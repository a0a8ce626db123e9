import torch
from torch import nn
from torch.nn import functional

from breakcheck import Case


class Attention(nn.Module):
    def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return functional.scaled_dot_product_attention(q, k, v)  # expect: BC811


def case() -> Case:
    torch.manual_seed(0)
    calls = [tuple(torch.randn(4, 8, 16, 16) for _ in range(3)) for _ in range(2)]
    return Case(Attention(), calls=calls, sharding={r"input:args\.\d": ("data", "model", None, None)})

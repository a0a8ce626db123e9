import torch
from torch import nn

from breakcheck import Case


class Attention(nn.Module):
    def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        weights = torch.softmax(torch.einsum("nhqe,nhke->nhqk", q, k) * q.shape[-1] ** -0.5, dim=-1)
        return torch.einsum("nhqk,nhke->nhqe", weights, v)


def case() -> Case:
    torch.manual_seed(0)
    calls = [tuple(torch.randn(4, 8, 16, 16) for _ in range(3)) for _ in range(2)]
    return Case(Attention(), calls=calls, sharding={r"input:args\.\d": ("data", "model", None, None)})

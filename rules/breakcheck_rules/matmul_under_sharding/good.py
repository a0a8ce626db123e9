import torch
from torch import nn

from breakcheck import Case


class Scores(nn.Module):
    def forward(self, q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nhqe,nhke->nhqk", q, k)


def case() -> Case:
    torch.manual_seed(0)
    calls = [tuple(torch.randn(4, 8, 16, 16) for _ in range(2)) for _ in range(2)]
    return Case(Scores(), calls=calls, sharding={r"input:args\.\d": ("data", "model", None, None)})

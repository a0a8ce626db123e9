import torch
from torch import nn

from breakcheck import Case


class Mix(nn.Module):
    def forward(self, adjacency: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.sparse.mm(adjacency.to_sparse(), x)  # expect: BC440


def case() -> Case:
    return Case(Mix(), calls=[(torch.eye(4), torch.randn(4, 8))])

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint_sequential

from breakcheck import Case


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return checkpoint_sequential(self.layers, 2, x, use_reentrant=False)  # expect: BC462


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from breakcheck import Case


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = checkpoint(layer, x, use_reentrant=False)
        return x


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

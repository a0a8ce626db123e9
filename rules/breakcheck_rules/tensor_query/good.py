import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if x.shape == y.shape:
            return x + y
        return x


def case() -> Case:
    return Case(
        Model(),
        calls=[
            (
                torch.randn(4, 8),
                torch.randn(4, 8),
            )
        ],
    )

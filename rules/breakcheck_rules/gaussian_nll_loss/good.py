import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        var = x.exp().clamp(min=1e-6)
        return (0.5 * (var.log() + (x - y) ** 2 / var)).mean()


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

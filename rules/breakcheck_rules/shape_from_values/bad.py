import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.linalg.lstsq(x, y).solution  # expect: BC215


def case() -> Case:
    return Case(
        Model(),
        calls=[
            (
                torch.randn(8, 8),
                torch.randn(8, 4),
            )
        ],
    )

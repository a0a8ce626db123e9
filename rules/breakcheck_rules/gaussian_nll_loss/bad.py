import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        var = x.exp()
        return nn.functional.gaussian_nll_loss(x, y, var)  # expect: BC118


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

import torch
from torch import nn

from breakcheck import Case


class Force(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.func.grad(lambda t: (t * t).sum())(x)


def case() -> Case:
    return Case(Force(), calls=[(torch.randn(4, 8, requires_grad=True),)])

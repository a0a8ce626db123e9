import torch
from torch import nn

from breakcheck import Case


class Force(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        energy = (x * x).sum()
        (force,) = torch.autograd.grad(energy, x)  # expect: BC423
        return force


def case() -> Case:
    return Case(Force(), calls=[(torch.randn(4, 8, requires_grad=True),)])

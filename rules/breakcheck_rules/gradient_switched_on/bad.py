import torch
from torch import nn

from breakcheck import Case


class Leaf(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = x.detach().requires_grad_()  # expect: BC421
        return z * z


def case() -> Case:
    return Case(Leaf(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Kept(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        y.retain_grad()  # expect: BC446
        return y.sum(-1)


def case() -> Case:
    return Case(Kept(), calls=[(torch.randn(4, 8, requires_grad=True),)])

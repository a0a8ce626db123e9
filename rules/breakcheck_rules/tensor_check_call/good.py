import torch
from torch import nn

from breakcheck import Case


class Checked(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        torch._assert_async((y > -100).all())
        return y + 1


def case() -> Case:
    return Case(Checked(), calls=[(torch.randn(4, 8),)])

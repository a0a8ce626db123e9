import torch
from torch import nn

from breakcheck import Case


class Checked(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        torch._check_tensor_all(y > -100)  # expect: BC115
        return y + 1


def case() -> Case:
    return Case(Checked(), calls=[(torch.randn(4, 8),)])

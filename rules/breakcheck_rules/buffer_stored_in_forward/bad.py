import torch
from torch import nn

from breakcheck import Case


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not hasattr(self, "table"):
            self.table = nn.Buffer(torch.arange(8.0), persistent=False)  # expect: BC448
        return x * self.table


def case() -> Case:
    return Case(Scaled(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Fresh(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bias = torch.ones(8, device="cpu")
        return x + bias


def case() -> Case:
    return Case(Fresh(), calls=[(torch.randn(4, 8),)])

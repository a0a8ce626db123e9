import torch
from torch import nn

from breakcheck import Case


class Fresh(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.device("cpu"):  # expect: BC401
            bias = torch.ones(8)
        return x + bias


def case() -> Case:
    return Case(Fresh(), calls=[(torch.randn(4, 8),)])

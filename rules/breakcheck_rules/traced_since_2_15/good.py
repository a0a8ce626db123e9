import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = {"first": x, "scale": 2}
        return parts["first"] * parts["scale"]


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

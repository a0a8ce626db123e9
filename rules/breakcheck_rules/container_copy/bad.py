import copy

import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = {"x": x}
        more = copy.copy(parts)  # expect: BC459
        more["y"] = x + 1
        return parts["x"] + more["y"]


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

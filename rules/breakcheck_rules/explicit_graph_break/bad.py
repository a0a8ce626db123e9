import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x * 2
        torch._dynamo.graph_break()  # expect: BC435
        return x + 1


def case() -> Case:
    return Case(Model(), calls=[(torch.randn(4, 8),)])

import torch
from torch import nn

from breakcheck import Case


class Probe(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.linear.register_forward_hook(double)  # expect: BC431
        return x * 2


def double(module: nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
    return output * 2


def case() -> Case:
    return Case(Probe(), calls=[(torch.randn(4, 8),)])

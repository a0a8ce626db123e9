import torch
from torch import nn

from breakcheck import Case


class Wrapped(nn.Module):
    def __init__(self, head: torch.jit.ScriptModule) -> None:
        super().__init__()
        self.head: torch.jit.ScriptModule = head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x)  # expect: BC444


def case() -> Case:
    return Case(Wrapped(torch.jit.script(nn.Linear(8, 8))), calls=[(torch.randn(4, 8),)])

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Flags:
    requires_grad: bool = False


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.linear.weight.requires_grad = False  # outside the traced region
        self.requires_grad = True  # an attribute of the module's own

    def forward(self, x: torch.Tensor, other=None) -> torch.Tensor:
        given = other.hidden
        given.requires_grad = True  # expect: BC420
        given.requires_grad, other.text = True, True  # expect: BC420
        flags = Flags() if self.training else self
        flags.requires_grad = True  # no tensor in either case
        self.linear.weight.requires_grad_(False)
        self.requires_grad = False
        if x.requires_grad:
            x = x + 1
        for parameter in self.linear.parameters():
            parameter.requires_grad = False  # expect: BC420
        return self.linear(x)

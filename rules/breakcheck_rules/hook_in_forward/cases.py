# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.linear.register_forward_hook(lambda module, args, output: output)  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        y.register_hook(lambda gradient: gradient)
        self.register_forward_pre_hook(lambda module, args: None)  # expect: BC431
        return self.linear(y)


class Watched(nn.Module):
    def __init__(self, model, name: str) -> None:
        super().__init__()
        self.model = model
        self.name = name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        layer = getattr(self.model, self.name)
        layer.register_forward_hook(lambda module, args, output: output)  # expect: BC431
        return self.model(x)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        layer = nn.Identity()
        layer.register_full_backward_hook(print)  # expect: BC431
        layer.register_full_backward_pre_hook(print)  # expect: BC431
        layer.register_backward_hook(print)  # expect: BC431
        return x

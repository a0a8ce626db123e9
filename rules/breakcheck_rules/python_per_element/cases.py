# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.start = torch.ones(8).apply_(lambda value: value + 1)  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.relu()
        y.map_(x, lambda a, b: a + b)  # expect: BC430
        return torch.vmap(lambda t: t * 2)(y)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x.map2_(x, x, lambda a, b, c: a + b + c)  # expect: BC430
        return x

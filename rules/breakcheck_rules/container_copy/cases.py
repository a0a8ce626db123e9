# Near misses, odd spellings and declined fixes: linted, never run.
import copy
from dataclasses import dataclass, replace

import torch
from torch import nn


@dataclass
class Output:
    hidden: torch.Tensor
    loss: torch.Tensor | None = None


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options = copy.copy({"a": 1})  # outside the traced region
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor, hidden: dict) -> torch.Tensor:
        pair = copy.copy((x, x))
        copy.copy(**hidden)
        output = replace(Output(x), loss=x)
        other = copy.copy(self.linear)  # expect: BC459
        return pair[0] + output.hidden + other(x) + len(self.options.copy())


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        copy.copy([x])  # expect: BC459
        copy.copy({1, 2})  # expect: BC459
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import copy
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options = ["a"]
        self.head = nn.Linear(4, 4)
        self.tail = copy.deepcopy(self.head)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        options = copy.deepcopy(self.options)
        head = copy.deepcopy(self.head)  # expect: BC316
        parts = copy.deepcopy([x, x])  # expect: BC316
        shallow = copy.copy(self.head), copy.copy([x, x])
        mixed = copy.deepcopy(("a", x))  # expect: BC316
        return head(parts[0]) + len(options) + x.clone()


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        copy.copy(x)  # expect: BC316
        return x

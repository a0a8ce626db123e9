# Near misses, odd spellings and declined fixes: linted, never run.
import random
import torch
from torch import nn


class Near(nn.Module):
    def choice(self, items: list[int]) -> int:
        return items[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        order = sorted([3, 1])
        random.shuffle(order)  # expect: BC308
        return x + order[0] + self.choice([1, 2]) + random.choice([1, 2])


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        random.sample([1, 2, 3], 2)  # expect: BC308
        random.seed(0)  # expect: BC308
        own = random.Random(3)
        own.sample([1, 2, 3], 2)  # expect: BC308
        own.shuffle([1, 2])  # expect: BC308
        own.seed(0)
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import operator

import numpy as np
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self, rates: list[int]) -> None:
        super().__init__()
        self.scale = np.prod(rates)
        self.register_buffer("step", torch.zeros(()))

    def forward(self, x: torch.Tensor, scale: float, name: str, rates) -> torch.Tensor:
        rows = int(x.shape[0])  # a size, no data
        width = float(x.size(1))
        x = x * float(scale) + int(name) + int() + int(np.ceil(len(name) / 2))
        x = x * float(np.mean(x.numpy()))  # expect: BC103
        x = x + int(2 ** np.ceil(np.log2(rows))) + int(self.scale)
        x = x + bool(np.sqrt(rows) > 2)  # expect: BC103
        x = x + int(np.power(2, rows))  # expect: BC103
        sizes = list(map(int, x.shape)) + list(map(str, x)) + list(map(int, name)) + list(map(max, x, x))
        sizes += list(map(int, [])) + list(map(int, rates))
        sizes += list(map(int, {1: x, 2: x + 1}))
        map(int)  # wrong, but no reason to stop
        sizes.append(int(self.step))  # expect: BC103
        sizes += list(map(int, x.sum(0)))  # expect: BC103
        sizes += list(map(float, [x.max(), x.min()]))  # expect: BC103
        if bool((x > 0).any()):  # expect: BC103
            x = x + 1
        return x * rows * width + int(x.sum())  # expect: BC103


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n = x.argmax()
        complex(x.sum())  # expect: BC103
        operator.index(n)  # expect: BC103
        x.sum().__int__()  # expect: BC103
        x.sum().__float__()  # expect: BC103
        x.sum().__bool__()  # expect: BC103
        x.sum().__complex__()  # expect: BC103
        n.__index__()  # expect: BC103
        return x

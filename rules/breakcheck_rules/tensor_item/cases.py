# Near misses, odd spellings and declined fixes: linted, never run.
import numpy as np
import torch
from torch import nn
import numpy


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.start = torch.ones(1).item()  # outside the traced region

    def forward(self, x: torch.Tensor, table: dict[str, int]) -> torch.Tensor:
        for _key, _size in table.items():  # dict.items, not Tensor.item
            x = x + 1
        y = (x
             .sum()
             .item())  # expect: BC101
        z = getattr(x.sum(), "item")()  # expect: BC101
        return x * y * z


def host_only(a: np.ndarray) -> float:
    return a.item()


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x.numpy().max().item()  # expect: BC101
        numpy.abs(x.numpy())[0].item()  # expect: BC101
        return x

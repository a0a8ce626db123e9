# Near misses, odd spellings and declined fixes: linted, never run.
import numpy as np
import torch
from torch import nn


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

# Near misses, odd spellings and declined fixes: linted, never run.
from typing import NamedTuple

import torch
from torch import nn


class Shift:
    def __init__(self, offset: torch.Tensor) -> None:
        self.offset = offset

    def __add__(self, other):
        return Shift(self.offset + (other.offset if isinstance(other, Shift) else other))

    def __rmatmul__(self, other):
        return Shift(other @ self.offset)

    def __lt__(self, other):
        return self.offset < other

    def __getitem__(self, index) -> "Shift":
        return Shift(self.offset[index])


class Pair(NamedTuple):
    offset: torch.Tensor

    def __mul__(self, other):
        return Pair(self.offset * other)


class Near(nn.Module):
    def forward(self, x: torch.Tensor, shift: Shift) -> torch.Tensor:
        a = (shift + shift).offset + (shift + 2).offset + (shift + x.shape[0]).offset
        a = a + (Pair(x) * x).offset + (shift < x) + shift[..., None].offset + shift.__add__(x).offset
        b = shift[..., None] + x  # expect: BC450
        c = x @ shift  # expect: BC450
        return a + b.offset + c.offset

"""Small targets for the ahead-of-time compiler: one habit each."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from breakcheck import Case


class Branch(nn.Module):
    """Branches on a value."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x + 1
        return x - 1


class Masked(nn.Module):
    """Makes a shape out of values."""

    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0]


class Wide(nn.Module):
    """Computes in float64."""

    def forward(self, x: Tensor) -> Tensor:
        wide = x.to(torch.float64)
        return (wide * 2).float()


def branch() -> Case:
    return Case(Branch(), calls=[(torch.ones(4, 4),), (torch.ones(4, 4),)])


def masked() -> Case:
    return Case(Masked(), calls=[(torch.ones(4, 4),), (torch.ones(4, 4),)])


def wide() -> Case:
    return Case(Wide(), calls=[(torch.ones(4, 4),), (torch.ones(4, 4),)])


def new_length() -> Case:
    return Case(nn.Linear(4, 4), calls=[(torch.ones(1, 4),), (torch.ones(2, 4),)])

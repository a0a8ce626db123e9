"""One habit a factory, for the table of what torch_xla makes of each; targets of `check --device xla`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from breakcheck import Case


class ItemScale(nn.Module):
    """Reads a value back each call."""

    def forward(self, x: Tensor) -> Tensor:
        return x * x.sum().item()


class TensorBranch(nn.Module):
    """Branches on a value each call."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x + 1
        return x - 1


class Fallback(nn.Module):
    """Uses an op without a lowering."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.special.i0e(x) + 1


class CatCache(nn.Module):
    """A cache that grows by a row a call."""

    def __init__(self) -> None:
        super().__init__()
        self.past = torch.zeros(1, 4)

    def forward(self, x: Tensor) -> Tensor:
        self.past = torch.cat((self.past, x))
        return self.past.sum(0)


class IndexCopyCache(nn.Module):
    """A cache of one size, written at a position that is a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("past", torch.zeros(8, 4))

    def forward(self, x: Tensor, position: Tensor) -> Tensor:
        self.past.index_copy_(0, position, x)
        return self.past.sum(0)


class PythonOffset(nn.Module):
    """Writes a slice at an offset that is a Python int."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("past", torch.zeros(8, 4))

    def forward(self, x: Tensor, position: int) -> Tensor:
        self.past[position : position + 1] = x
        return self.past.sum(0)


class PythonScale(nn.Module):
    """Multiplies by a Python float that changes."""

    def forward(self, x: Tensor, factor: float) -> Tensor:
        return x * factor


class ComplexRotation(nn.Module):
    """Rotates pairs as complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        angle = torch.arange(2.0)
        self.register_buffer("turn", torch.polar(torch.ones(2), angle))

    def forward(self, x: Tensor) -> Tensor:
        return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (2, 2))) * self.turn).flatten(-2)


class EosCheck(nn.Module):
    """One decode step that asks, every `interval` calls, whether all rows have ended: the reference decoder's question."""

    def __init__(self, interval: int) -> None:
        super().__init__()
        self.interval = interval
        self.steps = 0
        self.register_buffer("done", torch.zeros(4, dtype=torch.bool))

    def forward(self, x: Tensor) -> Tensor:
        self.done |= x[0] < 0
        self.steps += 1
        if self.steps % self.interval == 0:
            bool(self.done.all())
        return x + 1


def _row() -> Tensor:
    return torch.tensor([[1.0, 2.0, 3.0, 4.0]])


def item() -> Case:
    return Case(ItemScale(), calls=[(_row() + i,) for i in range(4)])


def branch() -> Case:
    return Case(TensorBranch(), calls=[(_row() + i,) for i in range(4)])


def fallback() -> Case:
    return Case(Fallback(), calls=[(_row() + i,) for i in range(4)])


def cat_cache() -> Case:
    return Case(CatCache(), calls=[(_row() + i,) for i in range(5)], warmup=2)


def index_copy_cache() -> Case:
    return Case(IndexCopyCache(), calls=[(_row() + i, torch.tensor([i])) for i in range(5)], warmup=2)


def python_offset() -> Case:
    return Case(PythonOffset(), calls=[(_row() + i, i) for i in range(5)], warmup=2)


def python_scale() -> Case:
    return Case(PythonScale(), calls=[(_row(), 1.5 + i) for i in range(5)], warmup=2)


def complex_rotation() -> Case:
    return Case(ComplexRotation(), calls=[(_row() + i,) for i in range(4)])


def eos_every_token() -> Case:
    return Case(EosCheck(1), calls=[(_row() + i,) for i in range(40)], warmup=20)


def eos_every_tenth() -> Case:
    return Case(EosCheck(10), calls=[(_row() + i,) for i in range(40)], warmup=20)

"""Coordinates of the plots: samples along a line, errors against their limit. Plain numbers, drawn by the template."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, LEFT, RIGHT = 1100.0, 90.0, 24.0
MOST_SAMPLES = 400


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    x: float
    label: str


@dataclass(frozen=True)
class Row:
    """One line of dots with the minimum and the median marked (x in pixels)."""

    name: str
    y: float
    dots: tuple[tuple[float, float], ...]
    minimum: float
    median: float
    label: str


@dataclass(frozen=True)
class LatencyPlot:
    """Samples of eager and compiled on one logarithmic axis of milliseconds; budget: where it ends, None without."""

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    budget_x: float | None
    budget: str
    width: float = WIDTH
    height: float = 122.0


@dataclass(frozen=True)
class Bar:
    """One tensor: its larger ratio to the limit as a bar. over: whether it exceeds it."""

    name: str
    y: float
    width: float
    label: str
    over: bool
    problem: str


@dataclass(frozen=True)
class ParityPlot:
    """Errors as multiples of what is allowed, logarithmic; `limit_x` is 1."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    limit_x: float
    height: float
    left: float = 300.0
    width: float = WIDTH


def _nice_ticks(low: float, high: float) -> list[float]:
    """Values 1, 2, 5 times a power of ten within bounds; only the powers where they span many decades."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1,) if last - first > 3 else (1, 2, 5)
    return [s * 10.0**e for e in range(first, last + 1) for s in steps if low <= s * 10.0**e <= high]


def latency_plot(verdict: Mapping[str, Any]) -> LatencyPlot | None:
    """The plot of a latency verdict, None when nothing was timed."""
    samples = verdict.get("samples_ms") or {}
    eager, compiled = (
        [float(t) for t in samples.get("eager", ())],
        [float(t) for t in samples.get("compiled", ())],
    )
    if not eager or not compiled or min(*eager, *compiled) <= 0:
        return None
    budget = str(verdict.get("budget") or "")
    bound = _budget_ms(budget, min(eager), verdict.get("limit_ms"))
    everything = [*eager, *compiled, *([bound] if bound else [])]
    low, high = min(everything) / 1.15, max(everything) * 1.15

    def x(value: float) -> float:
        part = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    rows = []
    for y, name, values in ((32.0, "eager", eager), (76.0, "compiled", compiled)):
        shown = values[:: max(1, len(values) // MOST_SAMPLES)]
        dots = tuple((x(v), round(y + ((i * 7919) % 17 - 8) * 0.9, 1)) for i, v in enumerate(shown))
        ordered = sorted(values)
        median = ordered[len(ordered) // 2]
        label = f"{name}: min {ordered[0]:.3g} ms, median {median:.3g} ms, {len(values)} runs"
        rows.append(Row(name, y, dots, x(ordered[0]), x(median), label))
    ticks = tuple(Tick(x(value), f"{value:g}") for value in _nice_ticks(low, high))
    return LatencyPlot(tuple(rows), ticks, x(bound) if bound else None, budget)


def _budget_ms(budget: str, eager_min: float, limit_ms: object) -> float | None:
    """The budget in milliseconds on this run's axis."""
    kind, _, bound = budget.partition("<=")
    try:
        value = float(bound.split("@")[0])
    except ValueError:
        return None
    if kind == "r":
        return value * eager_min
    if kind == "ms":
        return value
    return value * float(limit_ms) if kind == "limit" and isinstance(limit_ms, (int, float)) else None


def parity_plot(tensors: Sequence[Mapping[str, Any]], most: int = 8) -> ParityPlot | None:
    """The worst tensors of a parity verdict, None when none was compared."""
    rated = []
    for tensor in tensors:
        ratio = max(float(tensor.get("rmse_ratio") or 0.0), float(tensor.get("max_ratio") or 0.0))
        if tensor.get("problem") and not ratio:
            ratio = math.inf
        rated.append((ratio, tensor))
    rated.sort(key=lambda pair: -pair[0])
    rated = rated[:most]
    if not rated:
        return None
    finite = [ratio for ratio, _t in rated if 0 < ratio < math.inf]
    low, high = min([0.01, *finite]) / 1.3, max([2.0, *finite]) * 1.6
    left = 300.0

    def x(value: float) -> float:
        bounded = min(max(value, low), high)
        part = (math.log(bounded) - math.log(low)) / (math.log(high) - math.log(low))
        return round(left + part * (WIDTH - left - 110.0), 1)

    bars = tuple(
        Bar(
            str(tensor.get("where", "")),
            18.0 + 22.0 * index,
            round(x(ratio) - left, 1) if ratio else 0.0,
            "not comparable" if ratio == math.inf else f"{ratio:.2g}" if ratio else "0",
            ratio > 1,
            str(tensor.get("problem") or ""),
        )
        for index, (ratio, tensor) in enumerate(rated)
    )
    ticks = tuple(Tick(x(value), f"{value:g}") for value in _nice_ticks(low, high))
    return ParityPlot(bars, ticks, x(1.0), 18.0 + 22.0 * len(bars) + 26.0)

"""Interleaved timing of two callables and what a budget says about it.

The minimum over interleaved pairs is what background load moves least: with two CPU burners, identical code at a
budget of +10 % raised false alarms 55 % of the time by absolute means and 0 to 2.5 % by interleaved minima.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from breakcheck.runtime.report_data import Status
from breakcheck.runtime.scenario import Budget

SPREAD = 1.5
NEAR = 0.10
MIN_PAIRS = 12
MAX_PAIRS = 200
SECONDS = 2.0  # of timed work for one measurement
EXTRA_ROUNDS = 4  # further measurements while the answer is unclear


@dataclass(frozen=True)
class Measurement:
    """Milliseconds of interleaved pairs."""

    eager_ms: tuple[float, ...]
    compiled_ms: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Fastest compiled run over fastest eager run."""
        return min(self.compiled_ms) / min(self.eager_ms)

    @property
    def spread(self) -> float:
        """Upper over lower quartile of the compiled runs: how noisy the machine was."""
        return spread_of(self.compiled_ms)

    def plus(self, other: Measurement) -> Measurement:
        """Both measurements' samples."""
        return Measurement(self.eager_ms + other.eager_ms, self.compiled_ms + other.compiled_ms)


def slowest(ranks: Sequence[Sequence[Sequence[float]]]) -> Measurement:
    """The measurement of all ranks, each given as its eager and its compiled samples.

    They make the same calls in the same order, and a call is done when it is on every rank.
    """
    eager, compiled = (tuple(map(max, zip(*samples, strict=True))) for samples in zip(*ranks, strict=True))
    return Measurement(eager, compiled)


def spread_of(samples: Sequence[float]) -> float:
    """Upper quartile over lower quartile; 1.0 for fewer than four samples."""
    if len(samples) < 4:
        return 1.0
    low, _middle, high = statistics.quantiles(samples, n=4)
    return high / low if low > 0 else 1.0


def measure(
    eager: Callable[[], object],
    compiled: Callable[[], object],
    synchronize: Callable[[], None] = lambda: None,
    *,
    seconds: float = SECONDS,
    seed: int = 0,
    ends: Callable[[bool], bool] = bool,
) -> Measurement:
    """Interleaved pairs in random order, garbage collector off, until `seconds` have been timed.

    At least `MIN_PAIRS` pairs, however long they take, and at most `MAX_PAIRS`. ends: asked after each pair beyond the
    least, told whether they were timed; ranks that must make the same calls answer as one.
    """
    order = random.Random(seed)
    times: tuple[list[float], list[float]] = ([], [])
    functions = (eager, compiled)
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        begin = time.perf_counter()
        while len(times[0]) < MAX_PAIRS:
            for which in order.sample((0, 1), 2):
                synchronize()
                start = time.perf_counter_ns()
                functions[which]()
                synchronize()
                times[which].append((time.perf_counter_ns() - start) / 1e6)
            if len(times[0]) >= MIN_PAIRS and ends(time.perf_counter() - begin > seconds):
                break
    finally:
        if enabled:
            gc.enable()
    return Measurement(tuple(times[0]), tuple(times[1]))


@dataclass(frozen=True)
class LatencyResult:
    """The answer of a budget with all that was measured; `value` is what the budget bounds."""

    status: Status
    summary: str
    value: float
    measurements: tuple[Measurement, ...] = field(default_factory=tuple)


def judge_once(value: float, spread: float, budget: float) -> Status:
    """One measurement against a budget: unclear when the machine was noisy and the value is near the budget."""
    if spread > SPREAD and abs(value - budget) <= NEAR * budget:
        return Status.INCONCLUSIVE
    return Status.PASS if value <= budget else Status.FAIL


def judge(take: Callable[[], Measurement], budget: Budget, limit_ms: float | None = None) -> LatencyResult:
    """Measures until the answer is clear: it fails only when two consecutive measurements exceed the budget.

    Unclear measurements are pooled with further ones, at most `EXTRA_ROUNDS`: noise only ever adds time, so the
    minimum over more pairs is a better estimate, never a worse one.
    """
    taken = [take()]
    status = _status(taken[0], budget, limit_ms)
    pooled = taken[0]
    for _ in range(EXTRA_ROUNDS):
        if status is Status.PASS:
            break
        fresh = take()
        taken.append(fresh)
        pooled = pooled.plus(fresh)
        second = _status(fresh, budget, limit_ms)
        if status is Status.FAIL and second is Status.FAIL:
            break
        # Two that disagree, or an unclear one: what both saw together decides, seen again if it says fail.
        status = _status(pooled, budget, limit_ms)
    else:
        status = Status.INCONCLUSIVE if status is Status.FAIL else status
    value = _value(pooled, budget, limit_ms)
    return LatencyResult(status, _summary(pooled, budget, value), value, tuple(taken))


def _value(measurement: Measurement, budget: Budget, limit_ms: float | None) -> float:
    if budget.kind == "ms":
        return min(measurement.compiled_ms)
    if budget.kind == "limit":
        assert limit_ms is not None
        return min(measurement.compiled_ms) / limit_ms
    return measurement.ratio


def _status(measurement: Measurement, budget: Budget, limit_ms: float | None) -> Status:
    if budget.kind == "off":
        return Status.PASS
    return judge_once(_value(measurement, budget, limit_ms), measurement.spread, budget.bound)


def _summary(measurement: Measurement, budget: Budget, value: float) -> str:
    eager, fast = min(measurement.eager_ms), min(measurement.compiled_ms)
    text = f"compiled {fast:.3g} ms, eager {eager:.3g} ms, r = {measurement.ratio:.2f}"
    if budget.kind == "limit":
        text += f", {value:.2f} times the physical limit"
    return text if budget.kind == "off" else f"{text} (budget {budget})"

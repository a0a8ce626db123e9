"""In-process watching of whatever is compiled in a block: no model is called here and no setting is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING

from breakcheck.errors import BreakcheckError
from breakcheck.expectation import DEFAULT, Expectations, parse_expectations

if TYPE_CHECKING:
    from breakcheck.runtime.observation import Observation
    from breakcheck.runtime.trace import Collector


class BreakcheckFailure(AssertionError):
    """Compiled code did not do what was expected of it; the text names the lines."""


@dataclass(frozen=True)
class Problem:
    """One expectation that does not hold. lines: an indented explanation, one place after another."""

    quantity: str
    headline: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.headline, *self.lines))


class Watch:
    """What was compiled since the watch began; `observation` is complete once the block has ended."""

    def __init__(self) -> None:
        self.disabled_by = ""
        self._collector: Collector | None = None
        self._counted: dict[str, int] | None = None
        self._result: Observation | None = None

    @property
    def observation(self) -> Observation:
        """Breaks, recompiles and graphs so far."""
        return self._result or self._observe()

    def _observe(self) -> Observation:
        from breakcheck.runtime.observation import BreakKind, BreakSite, Signal
        from breakcheck.runtime.observe import from_events

        events = list(self._collector.events) if self._collector is not None else []
        seen = replace(from_events(events, []), disabled_by=self.disabled_by)
        if self._counted is None:
            return seen
        # The structured trace says nothing on this torch: its counters know reasons, not places.
        breaks = tuple(
            BreakSite("", reason, "", 0, "", "", reason, BreakKind.PARTIAL, "user", count=count)
            for reason, count in _new_counts(self._counted).items()
        )
        return replace(seen, breaks=breaks, signal=Signal.COUNTERS)


def _counters() -> dict[str, int]:
    from torch._dynamo.utils import counters

    return {str(key): int(value) for key, value in counters["graph_break"].items()}


def _new_counts(before: dict[str, int]) -> dict[str, int]:
    grown = {key: value - before.get(key, 0) for key, value in _counters().items()}
    return {key: value for key, value in grown.items() if value > 0}


@contextmanager
def watching(*, reset: bool = False) -> Iterator[Watch]:
    """A watch over all that is compiled in the block. reset: forget earlier compilations first.

    Raises BreakcheckError when torch is not installed.
    """
    _require_torch()
    from breakcheck.runtime.observe import vacuous_because
    from breakcheck.runtime.trace import collecting, self_test

    watch = Watch()
    works = self_test()
    if reset:
        reset_compiler()
    watch.disabled_by = vacuous_because()
    if not works:
        watch._counted = _counters()
    with collecting() as collector:
        watch._collector = collector
        try:
            yield watch
        finally:
            watch.disabled_by = watch.disabled_by or vacuous_because()
            watch._result = watch._observe()


def _require_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise BreakcheckError(
            f"watching compiled code needs torch ({error}); install torch-breakcheck[runtime]"
        ) from None


def reset_compiler() -> None:
    """Forget everything compiled so far, so that a verdict depends on no earlier test."""
    import torch

    torch._dynamo.reset()


def gated(observation: Observation) -> Observation:
    """The observation without what only torch's own code does (the shipped allow list)."""
    return replace(
        observation,
        breaks=tuple(site for site in observation.breaks if site.owner != "torch"),
        recompiles=tuple(again for again in observation.recompiles if again.owner != "torch"),
        limits=tuple(hit for hit in observation.limits if hit.owner != "torch"),
    )


def judge(
    observation: Observation, expected: Expectations, *, compiled: bool | None = None
) -> tuple[Problem, ...]:
    """The expectations that an observation (already gated, known breaks already removed) does not meet.

    compiled: whether Dynamo had anything to do, where known breaks were removed; else by the observation itself.
    A problem of quantity "nothing" means that nothing was compiled, so that the claim proves nothing.
    """
    from breakcheck.break_text import break_lines, graph_lines, limit_lines, recompile_lines

    problems = []
    counts = {
        "breaks": len(observation.breaks) + len(observation.limits),
        "recompiles": len(observation.recompiles),
        "graphs": len(observation.graphs),
        "ops": observation.op_count,
    }
    if compiled is None:
        compiled = bool(counts["graphs"] or counts["breaks"])
    if not compiled and (expected.wants_graphs or observation.disabled_by):
        why = observation.disabled_by or (
            "no call reached a compiled function for the first time (was it compiled before, or never called?)"
        )
        return (Problem("nothing", f"nothing was compiled, so {expected} proves nothing: {why}"),)
    if observation.disabled_by:
        return (Problem("nothing", f"{expected} is not proven: {observation.disabled_by}"),)
    for bound in expected.thresholds:
        count = counts[bound.quantity]
        if bound.holds(count):
            continue
        lines: list[str] = []
        if bound.quantity == "breaks":
            for site in observation.breaks:
                lines += break_lines(site)
            for hit in observation.limits:
                lines += limit_lines(hit)
        elif bound.quantity == "recompiles":
            for again in observation.recompiles:
                lines += recompile_lines(again)
        else:
            for graph in observation.graphs:
                lines += graph_lines(graph)
        problems.append(
            Problem(bound.quantity, f"{_counted(count, bound.quantity)}, expected {bound}", tuple(lines))
        )
    return tuple(problems)


_SINGULAR = {"breaks": "graph break", "recompiles": "recompile", "graphs": "graph", "ops": "op"}


def _counted(count: int, quantity: str) -> str:
    word = _SINGULAR[quantity]
    return f"{count} {word}{'' if count == 1 else 's'}"


class Expecting:
    """The context manager that `expect` gives back."""

    def __init__(self, expected: Expectations, reset: bool) -> None:
        self.expected = expected
        self._watching = watching(reset=reset)
        self._watch: Watch | None = None

    def __enter__(self) -> Watch:
        """Begin to watch."""
        self._watch = self._watching.__enter__()
        return self._watch

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the watch; raises `BreakcheckFailure` unless the block itself raised."""
        __tracebackhide__ = True
        self._watching.__exit__(kind, error, trace)
        assert self._watch is not None
        if error is None:
            problems = judge(gated(self._watch.observation), self.expected)
            if problems:
                raise BreakcheckFailure("\n\n".join(map(str, problems)))


def expect(
    *expressions: str,
    breaks: int | str | None = None,
    recompiles: int | str | None = None,
    graphs: int | str | None = None,
    ops: int | str | None = None,
    reset: bool | None = None,
) -> Expecting:
    """A context manager that watches its block and raises `BreakcheckFailure` at its end unless the expectations hold.

    Numbers are budgets for breaks and recompiles and exact for graphs and ops; texts are bounds ("breaks<=2").
    With no expectation at all: no break, no recompile. reset: forget earlier compilations first, so that an earlier
    test can neither hide a break nor turn a first compilation into a recompile; by default unless the block claims
    `recompiles` alone, which is how to say that code warmed up before it is not compiled again.
    """
    given = {"breaks": breaks, "recompiles": recompiles, "graphs": graphs, "ops": ops}
    expected = parse_expectations(expressions, given)
    if not expected.thresholds:
        expected = parse_expectations([DEFAULT])
    return Expecting(expected, expected.wants_fresh_code if reset is None else reset)

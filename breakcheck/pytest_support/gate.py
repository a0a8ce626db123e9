"""One test under watch: from its setup to the end of its call, then judged by its markers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from breakcheck.errors import BreakcheckError
from breakcheck.expectation import QUANTITIES, ExpectationError, Expectations, parse_expectations
from breakcheck.known_breaks import Entry
from breakcheck.pytest_support.options import Settings
from breakcheck.pytest_support.record import Record, events_of, without_known

if TYPE_CHECKING:
    from breakcheck.runtime.observation import Observation
    from breakcheck.watch import Problem, Watch

MARKER = "breakcheck"


@dataclass
class Gate:
    """The watch over one test. expected: None when the test is only observed."""

    item: pytest.Item
    settings: Settings
    known: tuple[Entry, ...]
    expected: Expectations | None
    stack: ExitStack = field(default_factory=ExitStack)
    watch: Watch | None = None
    record: Record | None = None
    refused: str = ""
    problems: tuple[Problem, ...] = ()
    notes: list[str] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)

    def open(self, reset: bool) -> None:
        """Begin to watch; with `reset` earlier tests leave nothing compiled behind. `refused` says why it can't."""
        from breakcheck.watch import watching

        self.stack.enter_context(without_trace_in_captured_log(self.item.config))
        try:
            self.watch = self.stack.enter_context(watching(reset=reset))
        except BreakcheckError as error:
            self.refused = str(error)

    def close(self, complete: bool) -> None:
        """End the watch and judge what was seen; does nothing the second time."""
        if self.watch is None or self.record is not None:
            return
        from breakcheck.watch import gated, judge

        self.stack.close()
        seen = gated(self.watch.observation)
        known = [entry.identity for entry in self.known]
        events = events_of(seen, self.settings.root, known)
        if self.settings.update_baseline:  # everything seen is about to be known
            known = [event.identity for event in events]
        verdict = "observed"
        if self.expected is not None:
            self.problems = judge(
                without_known(seen, self.settings.root, known), self.expected, compiled=_compiled(seen)
            )
            vacuous = any(problem.quantity == "nothing" for problem in self.problems)
            verdict = "vacuous" if vacuous else "fail" if self.problems else "pass"
        self.record = Record(
            verdict, len(seen.graphs), seen.op_count, events, seen.disabled_by, complete, tuple(self.checks)
        )
        self.item.user_properties.extend(self.record.properties())

    def text(self) -> str:
        """The failed expectations with their lines."""
        return "\n\n".join(map(str, self.problems))

    def section(self) -> str:
        """What was seen, in a few lines, for the test's own section of the report."""
        record = self.record
        if record is None:
            return ""
        lines = [
            f"{record.graphs} graph(s), {record.ops} op(s), {record.breaks} break(s), {record.recompiles} recompile(s)"
        ]
        if self.expected is not None:
            lines.append(f"expected: {self.expected}")
        lines += [f"known to the baseline: {seen.identity}" for seen in record.seen if seen.known]
        return "\n".join([*lines, *self.notes])


@contextmanager
def without_trace_in_captured_log(config: pytest.Config) -> Iterator[None]:
    """Keeps the compiler's trace out of "Captured log call".

    pytest 9.2 also captures loggers that do not propagate, and the trace has hundreds of records a test, their
    text empty.
    """
    plugin = config.pluginmanager.get_plugin("logging-plugin")
    names = ("caplog_handler", "report_handler", "log_cli_handler", "log_file_handler")
    handlers = [
        handler for name in names if isinstance(handler := getattr(plugin, name, None), logging.Handler)
    ]
    for handler in handlers:
        handler.addFilter(_is_no_trace)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(_is_no_trace)


def _is_no_trace(record: logging.LogRecord) -> bool:
    return record.name != "torch.__trace"


def _compiled(observation: Observation) -> bool:
    """Whether Dynamo had anything to do at all."""
    return bool(observation.graphs or observation.breaks or observation.limits)


def expectations_of(item: pytest.Item, settings: Settings) -> Expectations | None:
    """The bounds of a test's markers, the closest before those of its class and module; None without a marker.

    Raises pytest.UsageError, naming the test, for a marker that cannot be read.
    """
    markers = list(item.iter_markers(MARKER))
    if not markers:
        return None
    expected = Expectations()
    for marker in reversed(markers):
        try:
            unknown = sorted(set(marker.kwargs) - set(QUANTITIES))
            if unknown:
                raise ExpectationError(f"unknown expectation {unknown[0]!r}; known: {', '.join(QUANTITIES)}")
            expected = expected.updated(parse_expectations(marker.args, marker.kwargs))
        except ExpectationError as error:
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.breakcheck: {error}") from None
    return expected if expected.thresholds else settings.expect

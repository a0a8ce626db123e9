"""How a failed gate looks in pytest's report: the places first, no traceback of the plugin."""

from __future__ import annotations

from _pytest._code.code import (  # no public twin: only these survive the way from an xdist worker
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)

from breakcheck.pytest_support.gate import Gate
from breakcheck.watch import BreakcheckFailure


class GateFailure(BreakcheckFailure):
    """A marked test whose own code passed, but whose compiled code did not meet the marker."""


def failure_report(gate: Gate) -> ReprExceptionInfo:
    """The `longrepr` of a failed gate; its crash line names the first place, for the short summary."""
    path, line, name = gate.item.reportinfo()
    text = f"breakcheck: {name} does not compile as expected\n\n{gate.text()}\n"
    entry = ReprEntryNative([text])
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback([entry], None, style="native"),
        reprcrash=ReprFileLocation(str(path), (line or 0) + 1, crash_line(gate)),
    )


def crash_line(gate: Gate) -> str:
    """The failure in one line: the counts and the first place."""
    heads = "; ".join(problem.headline for problem in gate.problems)
    first = next((problem.lines[0].strip() for problem in gate.problems if problem.lines), "")
    return f"breakcheck: {heads}" + (f" at {first}" if first else "")

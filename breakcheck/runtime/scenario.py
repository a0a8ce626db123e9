"""What one check is asked to do: plain data that travels from the command line to the worker process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from breakcheck.errors import BreakcheckError
from breakcheck.runtime.report_data import VERDICTS

# `--only` speaks the words of the reports; the short ones are what people type.
ONLY_NAMES = {"breaks": "graph_breaks", **{name: name for name in VERDICTS}}
DEFAULT_LATENCY = "r<=1.0"
# Stages of a worker, in the order they run.
STAGES = ("start", "build", "references", "compile", "parity", "latency", "memory", "warm", "explain")


@dataclass(frozen=True)
class Scenario:
    """One target and how to run it.

    only: verdict names to give (all when empty). latency: a budget such as "r<=0.9", "ms<=5@h100", "limit<=2", or
    "off". calls, warmup: None leaves the case's own. timeout_s: wall clock for the whole target.
    memory_gb: resident memory of the worker's process tree, None for no limit.
    """

    target: str
    device: str = "cpu"
    backend: str = "inductor"
    mode: str | None = None
    dtype: str | None = None
    dynamic: bool | None = None
    train: bool | None = None
    calls: int | None = None
    warmup: int | None = None
    only: tuple[str, ...] = ()
    latency: str | None = None
    explain: bool = False
    timeout_s: float = 600.0
    memory_gb: float | None = None
    mesh: str | None = None

    def wants(self, verdict: str) -> bool:
        """Whether a verdict is asked for."""
        return not self.only or verdict in self.only

    def to_dict(self) -> dict[str, Any]:
        """The scenario as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scenario:
        """The scenario that `to_dict` wrote."""
        known = {item.name for item in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        values["only"] = tuple(values.get("only", ()))
        return cls(**values)


def parse_only(text: str) -> tuple[str, ...]:
    """Verdict names of "breaks,recompiles"; raises BreakcheckError naming the known ones."""
    names = []
    for part in filter(None, (item.strip() for item in text.split(","))):
        if part not in ONLY_NAMES:
            raise BreakcheckError(f"--only {part}: no such verdict; known: {', '.join(ONLY_NAMES)}")
        names.append(ONLY_NAMES[part])
    return tuple(names)


@dataclass(frozen=True)
class Budget:
    """A latency budget. kind: "r" (compiled over eager), "ms" (absolute, on a tagged machine), "limit" (over the
    physical limit); "off" gates nothing."""

    kind: str
    bound: float
    machine: str = ""

    def __str__(self) -> str:
        return f"{self.kind}<={self.bound:g}" + (f"@{self.machine}" if self.machine else "")


_BUDGET = re.compile(
    r"^\s*(?P<kind>r|ms|limit)\s*<=?\s*(?P<bound>\d+(?:\.\d+)?)\s*(?:@\s*(?P<machine>[\w.-]+))?\s*$"
)


def parse_budget(text: str) -> Budget:
    """The budget an expression means; raises BreakcheckError with the forms that are understood."""
    if text.strip() == "off":
        return Budget("off", 0.0)
    match = _BUDGET.match(text)
    if match is None or float(match["bound"]) <= 0:
        raise BreakcheckError(f"latency budget {text!r}: write r<=0.9, ms<=5@MACHINE, limit<=2 or off")
    if match["kind"] == "ms" and not match["machine"]:
        raise BreakcheckError(
            f"latency budget {text!r}: milliseconds hold on one machine only, name it (ms<=5@h100) and set "
            "BREAKCHECK_MACHINE there"
        )
    return Budget(match["kind"], float(match["bound"]), match["machine"] or "")

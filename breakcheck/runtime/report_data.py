"""The plain data a check hands to every report: one `Report` per target, JSON by ARCHITECTURE's schema.

Imports no torch, so that reports are written by the parent process, the pytest controller or a later run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

SCHEMA_VERSION = 1


class Status(str, Enum):
    """The answer of one verdict; what could not be observed is `NOT_CHECKED`, never passed."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_CHECKED = "not_checked"


# In the order reports show them, with the words people read.
VERDICTS: dict[str, str] = {
    "graph_breaks": "graph breaks",
    "recompiles": "recompiles",
    "parity": "parity",
    "latency": "latency",
    "fallbacks": "fallbacks",
    "compile": "compile",
    "syncs": "syncs",
    "cudagraphs": "CUDA graphs",
    "memory": "memory",
    "collectives": "collectives",
    "donation": "cache donation",
    "float64": "float64",
}
# Statuses of a site that counts for nothing: torch's own or another owner's, in the baseline, waived at its line.
FREE = ("allowed", "baseline", "waived")


@dataclass(frozen=True)
class Verdict:
    """One verdict: its status, one sentence that says why, and the evidence (JSON-ready, keys by verdict).

    Evidence keys. graph_breaks: `sites` (see `site_dict`), `executed_per_call`, `allowed`, `baselined`, `waived`,
    `fullgraph_passes`. recompiles: `sites` (guard, class, subject, file, line, function, call, measured), `limits`.
    parity: `passes` (one a dtype, with `tensors`, worst ratios), `reference`. latency: `ratio`, `budget`, `eager_ms`,
    `compiled_ms` (each min, median, p90), `samples_ms` (of the slowest rank). fallbacks: `sites`. compile: `cold_seconds`, `warm_seconds`,
    `graphs`, `ops`, `per_frame`. syncs: `sites`. cudagraphs: `skips`. memory: `eager_bytes`, `compiled_bytes`. Of several
    ranks, all: `by_rank` (status and summary by name); sites name theirs as `ranks`, the rest is the worst rank's.
    """

    status: Status
    summary: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON: status and summary beside the evidence's own keys."""
        return {"status": self.status.value, "summary": self.summary, **self.evidence}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` wrote."""
        rest = {key: value for key, value in data.items() if key not in ("status", "summary")}
        return cls(Status(data["status"]), str(data.get("summary", "")), rest)


@dataclass(frozen=True)
class Failure:
    """Why a target could not be checked (or not to its end): what happened, in which stage, at which line."""

    kind: str  # "target", "crash", "timeout", "memory", "exit", "environment"; "peer": another rank failed
    message: str
    stage: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Report:
    """Everything known about one target.

    graphs: `GraphInfo` as dicts with `file` paths relative to the working directory. skipped_frames likewise.
    lint: set by `check --lint`: a list of static findings with `outcome` confirmed | not_reached | refuted.
    timings: seconds per stage of the check itself.
    """

    target: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    graphs: tuple[Mapping[str, Any], ...] = ()
    skipped_frames: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    lint: tuple[Mapping[str, Any], ...] | None = None
    baseline: Mapping[str, Any] = field(
        default_factory=dict
    )  # known, fixed (unused entries), new: counts and keys
    explain: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether any verdict failed."""
        return any(verdict.status is Status.FAIL for verdict in self.verdicts.values())

    @property
    def inconclusive(self) -> bool:
        """Whether any verdict is inconclusive."""
        return any(verdict.status is Status.INCONCLUSIVE for verdict in self.verdicts.values())

    @property
    def not_checked(self) -> tuple[str, ...]:
        """Names of verdicts that were not checked."""
        return tuple(name for name, v in self.verdicts.items() if v.status is Status.NOT_CHECKED)

    @property
    def sites(self) -> list[Mapping[str, Any]]:
        """The graph-break sites as dicts, [] when breaks were not checked."""
        verdict = self.verdicts.get("graph_breaks")
        return list(verdict.evidence.get("sites", [])) if verdict else []

    def exit_code(self, strict: bool = False) -> int:
        """0 clean, 1 failed (or inconclusive under `strict`), 2 the target could not be checked."""
        if self.failure is not None:
            return 2
        return 1 if self.failed or (strict and self.inconclusive) else 0

    def to_dict(self) -> dict[str, Any]:
        """The report by the schema of `check --json`."""
        return {
            "version": SCHEMA_VERSION,
            "target": self.target,
            "environment": dict(self.environment),
            "options": dict(self.options),
            "verdicts": {name: verdict.to_dict() for name, verdict in self.verdicts.items()},
            "graphs": [dict(graph) for graph in self.graphs],
            "skipped_frames": [dict(frame) for frame in self.skipped_frames],
            "notes": list(self.notes),
            "failure": None if self.failure is None else dict(vars(self.failure)),
            "timings": dict(self.timings),
            "lint": None if self.lint is None else [dict(item) for item in self.lint],
            "baseline": dict(self.baseline),
            "explain": dict(self.explain),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """The report that `to_dict` wrote."""
        failure = data.get("failure")
        lint = data.get("lint")
        return cls(
            target=str(data["target"]),
            verdicts={name: Verdict.from_dict(v) for name, v in data.get("verdicts", {}).items()},
            environment=data.get("environment", {}),
            options=data.get("options", {}),
            graphs=tuple(data.get("graphs", ())),
            skipped_frames=tuple(data.get("skipped_frames", ())),
            notes=tuple(data.get("notes", ())),
            failure=Failure(**failure) if failure else None,
            timings=data.get("timings", {}),
            lint=None if lint is None else tuple(lint),
            baseline=data.get("baseline", {}),
            explain=data.get("explain", {}),
        )

"""What a test asserts on: a check's report with its places as values that read well in an assertion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breakcheck.runtime.report_data import Report, Verdict


@dataclass(frozen=True, repr=False)
class Place:
    """A graph break or a recompile: where, what and why. rule: its code, "" when several or none explain it."""

    file: str
    line: int
    function: str
    source: str
    id: str
    reason: str
    rule: str = ""
    kind: str = ""

    def __repr__(self) -> str:
        known = " ".join(filter(None, (self.id, self.rule)))
        return f"<{self.file}:{self.line} {known}: {self.source}>"


class CheckReport:
    """The outcome of `breakcheck(model, ...)`; `str()` of it is the terminal report."""

    def __init__(self, data: Report) -> None:
        self.data = data

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """All verdicts by name: "graph_breaks", "recompiles", "fallbacks", "parity", "latency"."""
        return self.data.verdicts

    def _sites(self, verdict: str, key: str = "sites") -> list[Mapping[str, Any]]:
        found = self.verdicts.get(verdict)
        sites: list[Mapping[str, Any]] = list(found.evidence.get(key, [])) if found else []
        return [site for site in sites if site.get("status", "new") == "new"]

    @property
    def graph_breaks(self) -> list[Place]:
        """Places where a graph ends, and frames given up; without torch's own and those the baseline knows."""
        breaks = [_break(site) for site in self._sites("graph_breaks")]
        return breaks + [_break(hit, "recompile limit") for hit in self._sites("graph_breaks", "limits")]

    @property
    def recompiles(self) -> list[Place]:
        """Recompiles in calls after the warm-up."""
        return [_recompile(site) for site in self._sites("recompiles") if site["measured"]]

    @property
    def graphs(self) -> list[Mapping[str, Any]]:
        """The captured graphs: `op_count`, `ops`, `function`, `file`, `lines`, `call`."""
        return list(self.data.graphs)

    @property
    def parity(self) -> Verdict | None:
        """The parity verdict, None when not asked for."""
        return self.verdicts.get("parity")

    @property
    def latency(self) -> Verdict | None:
        """The latency verdict, None when not asked for or not measured (pytest-xdist)."""
        return self.verdicts.get("latency")

    @property
    def passed(self) -> bool:
        """Whether no verdict failed and none is inconclusive."""
        return not self.data.failed and not self.data.inconclusive

    def __str__(self) -> str:
        from breakcheck.runtime.terminal import full

        return full(self.data)

    def __repr__(self) -> str:
        states = ", ".join(f"{name} {verdict.status.value}" for name, verdict in self.verdicts.items())
        return f"<report of {self.data.target}: {states}>"


def _break(site: Mapping[str, Any], name: str = "") -> Place:
    return Place(
        str(site.get("file", "")),
        int(site.get("line") or 0),
        str(site.get("function", "")),
        str(site.get("source", "")),
        str(site.get("gb_id") or name),
        str(site.get("reason", "")),
        str(site.get("rule") or ""),
        str(site.get("kind", name)),
    )


def _recompile(site: Mapping[str, Any]) -> Place:
    return Place(
        str(site["file"]),
        int(site["source_line"] or site["line"]),
        str(site["function"]),
        str(site["subject"] or site["guard"]),
        str(site["class"]),
        str(site["guard"]),
        str(site.get("rule") or ""),
        "recompile",
    )

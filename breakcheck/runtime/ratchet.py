"""The baseline of `check`: what is known passes with a note, what is new fails, what is fixed lets the file shrink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from breakcheck.known_breaks import Identity, compare, read_known, updated, write_known
from breakcheck.runtime.assemble import identity
from breakcheck.runtime.report_data import Report

KINDS = {"graph_breaks": "break", "recompiles": "recompile", "fallbacks": "fallback"}


def identities(report: Report) -> list[Identity]:
    """The identities of everything a report shows, without what torch itself does."""
    found = []
    for name, kind in KINDS.items():
        verdict = report.verdicts.get(name)
        for site in verdict.evidence.get("sites", []) if verdict else []:
            if site.get("status") not in ("allowed", "waived"):
                found.append(Identity(*identity(site, kind)))
    return found


def _seen(reports: Sequence[Report]) -> dict[str, list[Identity]]:
    return {report.target: identities(report) for report in reports if report.failure is None}


def update_baseline(path: Path, reports: Sequence[Report]) -> str:
    """Writes what the reports show to the file; targets that did not run keep their entries."""
    old = read_known(path) if path.exists() else ()
    new = updated(_seen(reports), old)
    write_known(path, new)
    return f"{path}: {len(new)} known place{'' if len(new) == 1 else 's'} (before: {len(old)})"


def compare_with_baseline(path: Path, reports: Sequence[Report]) -> tuple[list[Report], str]:
    """The reports with their part of the comparison, and what to say about the file ("" when nothing)."""
    known = read_known(path)
    result = compare(_seen(reports), known)
    lines = [f"{path}: fixed, the baseline can shrink: {entry.identity}" for entry in result.fixed]
    lines += [f"{path}: unused, no target ran that showed it: {entry.identity}" for entry in result.unused]
    counts = {
        "file": str(path),
        "known": len(result.known),
        "new": len(result.new),
        "fixed": [str(entry.identity) for entry in result.fixed],
        "unused": [str(entry.identity) for entry in result.unused],
    }
    return [replace(report, baseline=counts) for report in reports], "\n".join(lines)

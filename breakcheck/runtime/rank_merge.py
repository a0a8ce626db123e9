"""What several ranks (or processes) saw, as one: sites that name who saw them, verdicts that say who fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from breakcheck.runtime.gate import counted
from breakcheck.runtime.report_data import VERDICTS, Failure, Report, Status, Verdict

Site = dict[str, Any]
# The verdict of all is the first of these that a rank gave: what one did not check was not checked.
GRAVEST_FIRST = (Status.FAIL, Status.INCONCLUSIVE, Status.NOT_CHECKED, Status.PASS)
OUTCOMES = ("confirmed", "refuted", "not_reached")


def merged_sites(
    seen: Iterable[tuple[str, Sequence[Mapping[str, Any]]]], *, summed: bool = True
) -> list[Site]:
    """The distinct sites, each with `ranks`, the names of those that saw it; `summed`: and their counts together."""
    merged: dict[tuple[Any, ...], Site] = {}
    for name, sites in seen:
        for site in sites:
            key = _key(site)
            known = merged.get(key)
            if known is None:
                known = merged[key] = {**site, "ranks": []}
            elif "count" in known:
                known["count"] = (
                    known["count"] + site["count"] if summed else max(known["count"], site["count"])
                )
            if name not in known["ranks"]:
                known["ranks"].append(name)
    return list(merged.values())


def without_ranks(site: Site) -> Site:
    """A site as the only process saw it."""
    return {key: value for key, value in site.items() if key != "ranks"}


def _key(site: Mapping[str, Any]) -> tuple[Any, ...]:
    call = site.get("call") if "guard" in site else None  # a recompile is an event, a break is a place
    return (
        site.get("gb_id"), site["file"], site["line"], site.get("guard"), site.get("op"), site["function"], call,
    )  # fmt: skip


def rank_note(name: str, breaks: int, graphs: int) -> str:
    """One rank's (or process's) share of a report, in one line."""
    return f"{name}: {counted(breaks, 'break site', 'break sites')}, {counted(graphs, 'graph', 'graphs')}"


def merged_report(reports: Sequence[Report]) -> Report:
    """One report for the reports of all ranks on a target, in their order."""
    named = [(f"rank {number}", report) for number, report in enumerate(reports)]
    verdicts = {}
    for verdict in VERDICTS:
        given = [(name, report.verdicts[verdict]) for name, report in named if verdict in report.verdicts]
        if given:
            verdicts[verdict] = _merged_verdict(given, summed=verdict != "syncs")
    notes = [
        rank_note(name, len(report.sites), len(report.graphs)) for name, report in named if report.verdicts
    ]
    notes += dict.fromkeys(note for report in reports for note in report.notes)
    first = next((report for report in reports if report.verdicts), reports[0])
    return replace(
        first,
        verdicts=verdicts,
        environment={**first.environment, "ranks": len(reports)},
        graphs=tuple(
            {**graph, "rank": str(n)} for n, report in enumerate(reports) for graph in report.graphs
        ),
        skipped_frames=tuple(_distinct(frame for report in reports for frame in report.skipped_frames)),
        notes=tuple(notes),
        failure=_failure(named),
        timings=_slowest([report.timings for report in reports]),
        lint=_merged_lint(reports),
    )


def _merged_verdict(given: Sequence[tuple[str, Verdict]], *, summed: bool) -> Verdict:
    status = next(status for status in GRAVEST_FIRST if any(v.status is status for _, v in given))
    grave = [(name, verdict) for name, verdict in given if verdict.status is status]
    said: dict[str, list[str]] = {}
    for name, verdict in grave:
        said.setdefault(verdict.summary, []).append(name)
    if len(said) == 1 and len(grave) == len(given):
        (text,) = said
        text = text if status is Status.NOT_CHECKED else f"every rank: {text}"
    else:
        shown = list(said.items())[: 1 if status is Status.PASS else None]
        text = "; ".join(f"{', '.join(names)}: {summary}" for summary, names in shown)
    sites = {
        key: merged_sites(((name, v.evidence.get(key) or ()) for name, v in given), summed=summed)
        for key in ("sites", "limits")
        if any(key in v.evidence for _, v in given)
    }
    by_rank = {name: {"status": v.status.value, "summary": v.summary} for name, v in given}
    return Verdict(status, text, {**grave[0][1].evidence, **sites, "by_rank": by_rank})


def _failure(named: Sequence[tuple[str, Report]]) -> Failure | None:
    """Why a rank could not be checked to its end; what only followed from another rank's end is left out."""
    failed = [(name, report.failure) for name, report in named if report.failure is not None]
    own = [(name, failure) for name, failure in failed if failure.kind != "peer"] or failed
    if not own:
        return None
    # A worker that died says more than one that noticed: the other end of a connection is gone then.
    own.sort(key=lambda pair: pair[1].kind not in ("memory", "exit", "timeout"))
    target = named[0][1].target
    said: dict[str, list[str]] = {}
    for name, failure in own:
        said.setdefault(failure.message.removeprefix(f"{target}: "), []).append(name)
    whole = len(said) == 1 and len(own) == len(named)
    text = "; ".join(
        message if whole else f"{', '.join(names)}: {message}" for message, names in said.items()
    )
    return replace(own[0][1], message=text)


def _distinct(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _slowest(timings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    stages = dict.fromkeys(stage for one in timings for stage in one)
    return {stage: max(one.get(stage, 0.0) for one in timings) for stage in stages}


def _merged_lint(reports: Sequence[Report]) -> tuple[Mapping[str, Any], ...] | None:
    """Each finding with the outcome of the rank that says most about it."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    given = [report.lint for report in reports if report.lint is not None]
    for item in (item for lint in given for item in lint):
        key = (item["file"], item["line"], item["code"])
        known = found.setdefault(key, item)
        if OUTCOMES.index(item["outcome"]) < OUTCOMES.index(known["outcome"]):
            found[key] = item
    return tuple(found.values()) if given else None

"""Markdown for a pull request: verdicts in a table, then each new place with its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tabulate import tabulate

from breakcheck.runtime.report.page import change_of, matched
from breakcheck.runtime.report.taking import Reports, as_reports, one_line, recompile_causes, rule_label
from breakcheck.runtime.report_data import FREE, VERDICTS, Report

MOST_PLACES = 40
_WORDS = {"pass": "pass", "fail": "**fail**", "inconclusive": "inconclusive", "not_checked": "not checked"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~@&])")


def escaped(text: object, limit: int = 400) -> str:
    """The text as Markdown that shows it: nothing in it formats, links, mentions or ends a table cell."""
    return _SPECIAL.sub(r"\\\1", one_line(text, limit)).replace("://", ":\u200b//").replace("\\@", "@\u200b")


def code(text: object, limit: int = 160) -> str:
    """The text as a code span of a table cell."""
    flat = one_line(text, limit).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat else ""


def render_markdown(report: Reports, *, baseline: Reports | None = None) -> str:
    """The Markdown of one or several reports. baseline: earlier reports, to show the change against."""
    reports = as_reports(report)
    earlier = as_reports(baseline) if baseline is not None else []
    return "\n\n".join(_target(one, before) for one, before in matched(reports, earlier)) + "\n"


def _target(report: Report, before: Report | None) -> str:
    word = "could not be checked" if report.failure else "fails" if report.failed else "passes"
    environment = report.environment
    facts = [f"torch {environment['torch']}"] if environment.get("torch") else []
    facts += [
        str(report.options.get(key)) for key in ("device", "backend", "mode") if report.options.get(key)
    ]
    parts = [f"### breakcheck: {code(report.target)} {word}", escaped(", ".join(facts)) if facts else ""]
    if report.failure:
        where = f" at {code(f'{report.failure.file}:{report.failure.line}')}" if report.failure.file else ""
        parts.append(f"> {escaped(report.failure.kind)}: {escaped(report.failure.message)}{where}")
    parts.append(_verdicts(report, before))
    places = list(_places(report))
    if places:
        parts.append(
            tabulate(places[:MOST_PLACES], headers=["where", "what", "line", "instead"], tablefmt="github")
        )
    if len(places) > MOST_PLACES:
        parts.append(f"and {len(places) - MOST_PLACES} more.")
    if report.baseline:
        fixed = list(report.baseline.get("fixed", []))
        text = f"Baseline: {report.baseline.get('new', 0)} new, {report.baseline.get('known', 0)} known, {len(fixed)} fixed"
        parts.append(text + ("; the baseline can shrink." if fixed else "."))
    parts += [f"Note: {escaped(note)}" for note in report.notes]
    return "\n\n".join(part for part in parts if part)


def _verdicts(report: Report, before: Report | None) -> str:
    rows, changed = [], False
    for name, verdict in report.verdicts.items():
        old = before.verdicts.get(name) if before else None
        change = change_of(name, old.to_dict(), verdict.to_dict())[0] if old else ""
        changed = changed or bool(change)
        rows.append(
            [
                VERDICTS.get(name, name),
                _WORDS[verdict.status.value],
                escaped(verdict.summary),
                escaped(change),
            ]
        )
    if not rows:
        return ""
    headers = ["verdict", "", "", "since the baseline"]
    if not changed:
        rows, headers = [row[:3] for row in rows], headers[:3]
    return tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)


def _places(report: Report) -> Iterator[list[str]]:
    def evidence(name: str, key: str = "sites") -> list[Mapping[str, Any]]:
        verdict = report.verdicts.get(name)
        sites = verdict.evidence.get(key, []) if verdict else []
        return [site for site in sites if site.get("status", "new") not in FREE]

    for site in evidence("graph_breaks"):
        kind = {"error": "error", "frame_skipped": "frame skipped, fix first"}.get(
            str(site["kind"]), "graph break"
        )
        times = site.get("executions_per_call")
        what = f"{rule_label(site)} {site.get('rule_name') or ''} ({site.get('gb_id') or kind})".replace(
            " (", " (", 1
        )
        extra = f", {times}× per call" if times is not None else ""
        yield [
            _where(site),
            escaped(f"{what}: {kind}{extra}"),
            code(site.get("source")),
            escaped(site.get("fix") or ""),
        ]
    for hit in evidence("graph_breaks", "limits"):
        yield [
            _where(hit),
            escaped(f"{rule_label(hit)}: recompile limit"),
            code(hit["function"]),
            escaped(hit["reason"]),
        ]
    for again in recompile_causes(evidence("recompiles")):
        place = {**again.site, "line": again.line}
        fix = escaped(again.site.get("fix") or "")
        yield [_where(place), escaped(again.what), code("; ".join(again.guards)), fix]
    for site in evidence("fallbacks"):
        what = f"{rule_label(site)} fallback: {site['op']}, {site['reason']}"
        yield [_where(site), escaped(what), code(site.get("source")), escaped(site.get("fix") or "")]
    for site in evidence("syncs"):
        yield [
            _where(site),
            escaped(f"host waits, {site['count']}×"),
            code(site.get("source")),
            escaped(site.get("fix") or ""),
        ]


def _where(site: Mapping[str, Any]) -> str:
    return code(f"{site.get('file') or '?'}:{site.get('line')}")

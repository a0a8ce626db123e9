"""From what a worker recorded to a report: rules joined, waivers and baseline applied, verdicts given."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from breakcheck.join import RuleTable, Static, label_sites, outcomes
from breakcheck.runtime import gate
from breakcheck.runtime.places import actual_path
from breakcheck.runtime.report_data import VERDICTS, Report, Status, Verdict
from breakcheck.runtime.scenario import Scenario
from breakcheck.runtime.supervise import Outcome

EXPIRY = re.compile(r"\buntil[= ](\d{4}-\d{2}-\d{2})\b")


@dataclass(frozen=True)
class Policy:
    """What a project lets pass. owners: distributions whose breaks count (all when empty).

    known: identities (kind, id, file, function, source) of the baseline file.
    """

    max_breaks: int = 0
    owners: tuple[str, ...] = ()
    known: frozenset[tuple[str, str, str, str, str]] = field(default_factory=frozenset)
    today: datetime.date = field(default_factory=datetime.date.today)


def identity(site: Mapping[str, Any], kind: str = "break") -> tuple[str, str, str, str, str]:
    """What of a site stays the same when code around it changes: never a line number or a count."""
    name = site.get("gb_id") or site.get("gb_type") or site.get("class") or site.get("op") or ""
    text = site.get("source") or site.get("subject") or ""
    file = str(site.get("file", "")).replace("\\", "/")
    return (kind, str(name), file, str(site.get("function", "")), " ".join(str(text).split()))


def assemble(
    scenario: Scenario,
    outcome: Outcome,
    *,
    table: RuleTable,
    findings: Sequence[Static] | None = None,
    policy: Policy | None = None,
    root: Path | None = None,
) -> Report:
    """The report of one target."""
    policy, root = policy or Policy(), root or Path.cwd()
    evidence: dict[str, dict[str, Any]] = {k: dict(v) for k, v in outcome.raw.get("evidence", {}).items()}
    expect = outcome.raw.get("expect", {})
    for name, kind in (("graph_breaks", "break"), ("fallbacks", "fallback"), ("recompiles", "recompile")):
        sites = evidence.get(name, {}).get("sites", [])
        label_sites(sites, kind, table, findings, root)
        for site in sites:
            _apply_policy(site, kind, policy, root)
    for name in ("graph_breaks", "recompiles"):
        label_sites(evidence.get(name, {}).get("limits", []), "limit", table, findings, root)
    sync_sites = outcome.verdicts.get("syncs", {}).get("sites", [])
    label_sites(sync_sites, "sync", table, findings, root)
    verdicts = _verdicts(evidence, outcome, int(expect.get("max_breaks", policy.max_breaks)))
    lint = None
    if findings is not None:
        every = [site for data in evidence.values() for site in data.get("sites", [])] + list(sync_sites)
        lint = tuple(outcomes(findings, every, _traced(outcome, root), root))
    return Report(
        target=scenario.target,
        verdicts={name: verdicts[name] for name in VERDICTS if name in verdicts},
        environment=outcome.raw.get("environment", {}),
        options={k: v for k, v in scenario.to_dict().items() if k != "target" and v not in (None, ())},
        graphs=tuple(outcome.raw.get("graphs", ())),
        skipped_frames=tuple(outcome.raw.get("skipped_frames", ())),
        notes=tuple(outcome.raw.get("notes", ())),
        failure=outcome.failure,
        timings=outcome.timings,
        lint=lint,
        explain=outcome.explain,
    )


def _verdicts(
    evidence: Mapping[str, dict[str, Any]], outcome: Outcome, max_breaks: int
) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {name: Verdict.from_dict(value) for name, value in outcome.verdicts.items()}
    breaks = evidence.get("graph_breaks")
    errors = [site for site in (breaks or {}).get("sites", []) if site["kind"] == "error"]
    if breaks is not None:
        found["graph_breaks"] = gate.graph_breaks(breaks, max_breaks)
    if "recompiles" in evidence:
        found["recompiles"] = gate.recompiles(evidence["recompiles"])
    if "fallbacks" in evidence:
        found["fallbacks"] = gate.fallbacks(evidence["fallbacks"])
    if "compile" in evidence:
        data = {**evidence["compile"], "warm_seconds": outcome.warm_seconds}
        found["compile"] = gate.compiled(data, errors)
    if outcome.failure is not None and outcome.raw:
        # The stages after the one that failed gave no answer: say so instead of leaving them out.
        for name in ("parity", "latency"):
            found.setdefault(
                name, Verdict(Status.INCONCLUSIVE, f"the check ended in stage {outcome.failure.stage}")
            )
    return found


def _apply_policy(site: dict[str, Any], kind: str, policy: Policy, root: Path) -> None:
    site.setdefault("status", "new")
    site["waiver"] = None
    if site["status"] == "allowed":
        return
    if policy.owners and site.get("owner") not in policy.owners:
        site["status"] = "allowed"
        return
    waiver = waiver_of(site, root, policy.today)
    if waiver is not None:
        site["waiver"] = waiver
        if not waiver["void"]:
            site["status"] = "waived"
            return
    if identity(site, kind) in policy.known:
        site["status"] = "baseline"


def waiver_of(site: Mapping[str, Any], root: Path, today: datetime.date) -> dict[str, Any] | None:
    """The inline waiver on a site's line: `# breakcheck: ignore[BC104] reason until=2027-01-01`, else None.

    The brackets hold rule codes, names or GB ids. One past its date, without a reason or with a date that is none waives
    nothing: `void` says why ("" where it holds).
    """
    from breakcheck.suppress import suppressions

    path = actual_path(str(site.get("file") or "?"), root)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    ids = {str(site.get(key) or "") for key in ("rule", "rule_name", "gb_id")} | set(
        site.get("rule_candidates") or ()
    )
    line = int(site.get("line") or 0)
    for comment in suppressions(text):
        if not comment.codes or not (comment.whole_file or comment.first_line <= line <= comment.last_line):
            continue
        if not ids & set(comment.codes):
            continue
        until = EXPIRY.search(comment.reason)
        reason = EXPIRY.sub("", comment.reason).strip()
        date = until[1] if until else None
        return {"reason": reason, "until": date, "void": _why_void(date, reason, today)}
    return None


def _why_void(until: str | None, reason: str, today: datetime.date) -> str:
    if not reason:
        return "it gives no reason"
    try:
        past = until is not None and datetime.date.fromisoformat(until) < today
    except ValueError:
        return f"{until} is no date"
    return f"it ended on {until}" if past else ""


def _traced(outcome: Outcome, root: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for graph in outcome.raw.get("graphs", ()):
        for file, lines in graph["lines"].items():
            found.setdefault(str(actual_path(file, root).resolve()), []).extend(lines)
    return found

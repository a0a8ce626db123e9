"""From reports to what the page shows: plain values, nothing of HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from breakcheck.runtime.report.graph_strip import CallGraphs, by_call, graph_blocks
from breakcheck.runtime.report.rule_text import RuleText, rule_text
from breakcheck.runtime.report.source_view import SourceFile, source_files
from breakcheck.runtime.report.taking import frames_to_show, rule_label
from breakcheck.runtime.report.timing_plots import LatencyPlot, ParityPlot, latency_plot, parity_plot
from breakcheck.runtime.report_data import FREE, VERDICTS, Report

Data = Mapping[str, Any]
WORDS = {"pass": "pass", "fail": "fail", "inconclusive": "unclear", "not_checked": "not checked"}
SIGNS = {"pass": "✓", "fail": "✕", "inconclusive": "?", "not_checked": "–"}


@dataclass(frozen=True)
class Tile:
    """One verdict of the bar. change: against the earlier report, "" without one; better: None when neither."""

    name: str
    title: str
    status: str
    word: str
    sign: str
    summary: str
    change: str = ""
    better: bool | None = None


@dataclass(frozen=True)
class Card:
    """One distinct break. first: it hides code, so it comes first. path: the user's frames, outermost first."""

    number: int
    site: Data
    kind: str
    label: str
    rule: RuleText | None
    candidates: tuple[RuleText, ...]
    path: tuple[Data, ...]
    first: bool
    free: bool
    instead: str
    shows_example: bool = True


@dataclass(frozen=True)
class Moment:
    """A cause at work in one call, on the timeline (x in percent)."""

    x: float
    times: int
    bad: bool


@dataclass(frozen=True)
class Cause:
    """One reason to compile a function again: what changed, the guards that said so, and in which calls."""

    number: int
    site: Data
    guards: tuple[str, ...]
    calls: tuple[int, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Timeline:
    """The calls in order with what was compiled again. warm: percent of the axis that is warm-up.

    bad: causes at work after the warm-up; fine: in it alone.
    """

    calls: tuple[tuple[int, float], ...]
    warm: float
    bad: tuple[Cause, ...]
    fine: tuple[Cause, ...]


@dataclass(frozen=True)
class TargetPage:
    """Everything shown of one target."""

    report: Report
    status: str
    tiles: tuple[Tile, ...]
    cards: tuple[Card, ...]
    quiet_cards: tuple[Card, ...]
    strip: tuple[CallGraphs, ...]
    files: tuple[SourceFile, ...]
    timeline: Timeline | None
    fallbacks: tuple[Card, ...]
    syncs: tuple[Data, ...]
    latency: LatencyPlot | None
    parity: ParityPlot | None
    facts: tuple[tuple[str, str], ...]

    @property
    def ops(self) -> int:
        """Ops in all graphs."""
        return sum(block.ops for group in self.strip for block in group.blocks)

    @property
    def compiled_again(self) -> bool:
        """Whether any graph took the place of an earlier one."""
        return any(block.again for group in self.strip for block in group.blocks)


def target_page(report: Report, before: Report | None = None) -> TargetPage:
    """The page of one target; before: an earlier report of it to show the change against."""
    evidence = {name: verdict.to_dict() for name, verdict in report.verdicts.items()}
    breaks = evidence.get("graph_breaks", {})
    sites = [_as_limit(hit) for hit in breaks.get("limits", [])] + list(breaks.get("sites", []))
    cards = [_card(site) for site in sites]
    cards.sort(key=_urgency)
    fallback_sites = _by_line(evidence.get("fallbacks", {}).get("sites", []))
    numbered = _numbered(cards)
    every = _numbered([*cards, *map(_card, fallback_sites)])
    fallbacks = tuple(every[len(cards) :])
    blocks = graph_blocks(report.graphs)
    recompiles = evidence.get("recompiles", {})
    warmup = int(recompiles.get("warmup") or 0)
    return TargetPage(
        report=report,
        status="error" if report.failure else "fail" if report.failed else "pass",
        tiles=tuple(_tile(name, data, before) for name, data in evidence.items()),
        cards=tuple(card for card in numbered if not card.free),
        quiet_cards=tuple(card for card in numbered if card.free),
        strip=by_call(blocks, warmup),
        files=source_files(
            blocks, [(c.number, c.site) for c in numbered], report.skipped_frames, fallback_sites
        ),
        timeline=_timeline(recompiles),
        fallbacks=fallbacks,
        syncs=tuple(evidence.get("syncs", {}).get("sites", [])),
        latency=latency_plot(evidence.get("latency", {})),
        parity=parity_plot(evidence.get("parity", {}).get("tensors", [])),
        facts=_facts(report),
    )


def _as_limit(hit: Data) -> Data:
    return {"kind": "recompile_limit", "gb_type": "Recompile limit", "source": "", "user_stack": [], **hit}


def _numbered(cards: Sequence[Card]) -> list[Card]:
    """The cards numbered from 1; a rule's example stands on its first card only."""
    seen: set[str] = set()
    made = []
    for number, card in enumerate(cards, 1):
        made.append(replace(card, number=number, shows_example=card.label not in seen))
        seen.add(card.label)
    return made


_KINDS = {
    "partial": "graph break",
    "frame_skipped": "frame skipped",
    "error": "error",
    "recompile_limit": "recompile limit",
    "fallback": "fallback",
}


def _card(site: Data) -> Card:
    stack = frames_to_show(site)
    rule = rule_text(str(site["rule"])) if site.get("rule") else None
    label = rule_label(site) if site.get("rule") else ""
    candidates = [] if site.get("rule") else [rule_text(str(c)) for c in site.get("rule_candidates") or ()]
    return Card(
        number=0,
        site=site,
        kind=_KINDS.get(str(site.get("kind")), "graph break"),
        label=label,
        rule=rule,
        candidates=tuple(found for found in candidates if found is not None),
        path=tuple(stack),
        first=bool(site.get("hides")),
        free=site.get("status") in FREE,
        instead=_instead(site, rule),
    )


def _instead(site: Data, rule: RuleText | None) -> str:
    """The linter's advice for this very line where it saw it, else the rule's."""
    if site.get("linter") == "saw it" and site.get("fix"):
        return str(site["fix"])
    return rule.instead if rule else ""


def _urgency(card: Card) -> tuple[bool, bool, int, str, int]:
    site = card.site
    return (
        card.free,
        not card.first,
        -int(site.get("executions_per_call") or 0),
        str(site.get("file")),
        int(site.get("line") or 0),
    )


def _tile(name: str, data: Data, before: Report | None) -> Tile:
    status = str(data["status"])
    change, better = "", None
    old = before.verdicts.get(name) if before else None
    if old is not None:
        change, better = change_of(name, old.to_dict(), data)
    return Tile(
        name,
        VERDICTS.get(name, name),
        status,
        WORDS[status],
        SIGNS[status],
        str(data["summary"]),
        change,
        better,
    )


def change_of(name: str, old: Data, new: Data) -> tuple[str, bool | None]:
    """What changed in a verdict since an earlier report, and whether for the better (None: unchanged)."""
    if name == "graph_breaks":
        was, now = len(_gated(old)), len(_gated(new))
    elif name == "recompiles":
        was = sum(bool(site.get("measured")) for site in old.get("sites", []))
        now = sum(bool(site.get("measured")) for site in new.get("sites", []))
    elif name in ("fallbacks", "syncs"):
        was, now = len(_gated(old)), len(_gated(new))
    elif name == "latency" and old.get("ratio") and new.get("ratio"):
        first, second = float(old["ratio"]), float(new["ratio"])
        if abs(second / first - 1) < 0.05:
            return "as before", None
        return f"r {first:.2f} → {second:.2f}", second < first
    else:
        if old["status"] == new["status"]:
            return "as before", None
        return f"was {WORDS[str(old['status'])]}", new["status"] == "pass"
    if was == now:
        return "as before", None
    return f"{was} → {now}", now < was


def _gated(data: Data) -> list[Data]:
    return [site for site in data.get("sites", []) if site.get("status", "new") not in FREE]


def _timeline(recompiles: Data) -> Timeline | None:
    sites = list(recompiles.get("sites", []))
    calls = int(recompiles.get("calls") or 0)
    if not sites or not calls:
        return None
    grouped: dict[tuple[str, str, str, str], list[Data]] = {}
    for site in sites:
        place = f"{site['file']}:{site['source_line'] or site['line']}"
        key = (str(site["function"]), place, str(site["class"]), str(site["subject"]))
        grouped.setdefault(key, []).append(site)
    ordered = sorted(grouped.values(), key=lambda group: not any(site["measured"] for site in group))
    causes = [_cause(number, group, calls) for number, group in enumerate(ordered, 1)]
    warmup = int(recompiles.get("warmup") or 0)
    return Timeline(
        calls=tuple((call, (call + 0.5) / calls * 100) for call in range(calls)),
        warm=min(warmup, calls) / calls * 100,
        bad=tuple(cause for cause in causes if any(moment.bad for moment in cause.moments)),
        fine=tuple(cause for cause in causes if not any(moment.bad for moment in cause.moments)),
    )


def _cause(number: int, group: Sequence[Data], calls: int) -> Cause:
    at = [int(site["call"]) for site in group]
    measured = {int(site["call"]) for site in group if site["measured"]}
    moments = [
        Moment((call + 0.5) / calls * 100, at.count(call), call in measured) for call in dict.fromkeys(at)
    ]
    guards = tuple(dict.fromkeys(str(site["guard"]) for site in group))
    return Cause(number, group[0], guards, tuple(dict.fromkeys(at)), tuple(moments))


def _by_line(sites: Sequence[Data]) -> list[Data]:
    """Fallback sites with those of one line as one, their ops together."""
    merged: dict[tuple[str, int], dict[str, Any]] = {}
    for site in sites:
        old = merged.get((site["file"], site["line"]))
        if old is None:
            merged[site["file"], site["line"]] = {**site, "kind": "fallback"}
        elif str(site["op"]) not in str(old["op"]):
            old["op"] = f"{old['op']}, {site['op']}"
    return list(merged.values())


def _facts(report: Report) -> tuple[tuple[str, str], ...]:
    facts = [(str(key), str(value)) for key, value in report.environment.items() if value not in (None, "")]
    facts += [
        (str(key), str(value)) for key, value in report.options.items() if key not in report.environment
    ]
    facts += [(f"stage {key}", f"{float(value):.1f} s") for key, value in report.timings.items()]
    return tuple(facts)


def matched(reports: Sequence[Report], earlier: Sequence[Report]) -> list[tuple[Report, Report | None]]:
    """Each report with the earlier one of the same target."""
    by_target = {report.target: report for report in earlier}
    return [(report, by_target.get(report.target)) for report in reports]

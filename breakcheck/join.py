"""Ties what ran to what was read: each runtime site to its rule, each static finding to what became of it.

Sits above both halves. A site's rule is that of the finding overlapping its line where the linter ran, else the one
rule that names its GB id, else the candidates; BC000 is a break no rule knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breakcheck.finding import Finding, Location

UNKNOWN = "BC000"
_METHOD = re.compile(r"method `(?P<name>\w+)` of class `(?P<class>\w+)`")
# Which static effects a kind of runtime site can confirm.
EFFECTS: dict[str, tuple[str, ...]] = {
    "break": ("graph-break", "error"),
    "error": ("error", "graph-break"),
    "fallback": ("fallback",),
    "recompile": ("recompile", "recompile-limit"),
    "limit": ("recompile-limit", "recompile"),
    "sync": ("sync",),
}


@dataclass(frozen=True)
class Static:
    """What the join needs of a static finding: its rule, place and effects (paths absolute)."""

    code: str
    name: str
    path: str
    first_line: int
    last_line: int
    effects: tuple[str, ...]
    suggestion: str = ""
    gb_ids: tuple[str, ...] = ()
    message: str = ""
    fix: str = ""

    def covers(self, path: str, first: int, last: int) -> bool:
        """Whether the finding overlaps a range of lines of a file."""
        return self.path == path and self.first_line <= last and first <= self.last_line


def static_findings(findings: Iterable[Finding]) -> tuple[Static, ...]:
    """Findings of the linter in the form the join works on."""
    return tuple(
        Static(
            code=f.code,
            name=f.name,
            path=str(Path(f.location.path).resolve()),
            first_line=f.location.line,
            last_line=max(f.location.line, f.location.end_line),
            effects=tuple(effect.value for effect in f.effects),
            suggestion=f.suggestion,
            gb_ids=f.gb_ids,
            message=f.message,
            fix=f.fix.message if f.fix else "",
        )
        for f in findings
    )


def silenced_findings(silenced: Iterable[tuple[str, Location]], table: RuleTable) -> tuple[Static, ...]:
    """Findings that a comment suppresses: the linter saw them all the same."""
    return tuple(
        Static(
            code=code,
            name=table.name(code),
            path=str(Path(place.path).resolve()),
            first_line=place.line,
            last_line=max(place.line, place.end_line),
            effects=tuple(effect.value for effect in table.rules[code].effects),
            suggestion=table.advice(code),
            gb_ids=table.rules[code].gb_ids,
            message=table.rules[code].summary,
        )
        for code, place in silenced
    )


class RuleTable:
    """The rule catalogue's metadata, by GB id and by effect; needs neither torch nor libcst."""

    def __init__(self, rule_paths: tuple[str, ...] = ()) -> None:
        from breakcheck.registry import load_rules, rules_by_gb_id

        self.by_gb_id: Mapping[str, tuple[str, ...]] = rules_by_gb_id(rule_paths)
        loaded = load_rules(rule_paths)
        self.rules = {one.rule.code: one.rule for one in loaded}
        self._advice = {one.rule.code: one.section("What to do") for one in loaded}

    def of_site(
        self, kind: str, gb_id: str, findings: Sequence[Static], source: str = "", reason: str = ""
    ) -> tuple[str | None, list[str]]:
        """(rule code or None when several are possible, candidates) of a runtime site.

        findings: the static ones overlapping the site's line. source: its text, reason: Dynamo's; they tell apart rules
        that share a GB id by the callables they name.
        """
        wanted = EFFECTS[kind]
        fitting = [f for f in findings if set(f.effects) & set(wanted)]
        named = [f for f in fitting if gb_id and gb_id in f.gb_ids] or fitting
        if named:
            return named[0].code, sorted({f.code for f in named})
        if kind in ("break", "error") and gb_id:
            codes = list(self.by_gb_id.get(gb_id, ()))
            if len(codes) == 1:
                return codes[0], codes
            if codes:
                called = self._naming(codes, source, reason)
                return (called[0] if len(called) == 1 else None), codes
        if kind in ("fallback", "recompile", "limit", "sync"):
            codes = sorted(
                c for c, rule in self.rules.items() if {e.value for e in rule.effects} & set(wanted)
            )
            return (codes[0], codes) if len(codes) == 1 else (None, codes) if codes else (UNKNOWN, [])
        return UNKNOWN, []

    def _naming(self, codes: Sequence[str], source: str, reason: str) -> list[str]:
        """Of some rules those that name what was called; one that names the method goes before one of its whole class."""
        method = _METHOD.search(reason)
        if method is None:
            return [code for code in codes if self._names_a_call_in(code, source)]
        # Not by the method's name alone: `work.wait()` is no `torch.jit.wait`.
        for last in (method["name"], "*"):
            end = f".{method['class']}.{last}".lower()
            named = [c for c in codes if any(name.lower().endswith(end) for name in self.rules[c].calls)]
            if named:
                return named
        return []

    def _names_a_call_in(self, code: str, source: str) -> bool:
        names = {name.removesuffix(".*").rsplit(".", 1)[-1] for name in self.rules[code].calls}
        return any(re.search(rf"\b{re.escape(name)}\s*\(", source) for name in names)

    def name(self, code: str | None) -> str:
        """The name of a rule ("tensor-item"), "" when there is none."""
        rule = self.rules.get(code or "")
        return rule.name if rule else ""

    def advice(self, code: str | None) -> str:
        """What a rule says to do instead, its first sentence; "" when there is no rule."""
        return re.split(r"(?<=[\w)`])\.\s+(?=[A-Z`])", self._advice.get(code or "", ""), maxsplit=1)[
            0
        ].rstrip(".")


def label_sites(
    sites: Iterable[dict[str, Any]],
    kind: str,
    table: RuleTable,
    findings: Sequence[Static] | None,
    root: Path,
) -> None:
    """Fills `rule`, `rule_name`, `rule_candidates`, `fix` and `linter` of sites as dicts, in place.

    linter: "saw it", "missed it", or None when the linter did not run.
    """
    for site in sites:
        path = _absolute(site.get("file"), root)
        first, last = _lines_of(site, path, of_function=kind in ("recompile", "limit"))
        near = [f for f in findings or () if f.covers(path, first, last)]
        own = "error" if site.get("kind") == "error" else kind
        code, candidates = table.of_site(
            own,
            str(site.get("gb_id") or ""),
            near,
            str(site.get("source") or ""),
            str(site.get("reason") or ""),
        )
        site["rule"] = code
        site["rule_name"] = table.name(code)
        site["rule_candidates"] = candidates
        chosen = next((f for f in near if f.code == code), None)
        site["fix"] = (chosen.suggestion or chosen.fix) if chosen else table.advice(code)
        site["linter"] = None if findings is None else "saw it" if chosen else "missed it"


def _absolute(file: object, root: Path) -> str:
    from breakcheck.runtime.places import actual_path

    return str(actual_path(str(file or "?"), root).resolve())


def _lines_of(site: Mapping[str, Any], path: str, *, of_function: bool) -> tuple[int, int]:
    from breakcheck.runtime.places import statement_range

    lines = [int(site.get("line") or 0)]
    if site.get("source_line"):
        lines.append(int(site["source_line"]))
    ranges = [statement_range(path, line) for line in lines if line]
    if not ranges:
        return 0, 0
    if of_function:
        # A recompile is Dynamo's for the whole function; the finding stands at the line that caused it.
        from breakcheck.runtime.places import function_range

        ranges.append(function_range(path, lines[0]))
    return min(first for first, _ in ranges), max(last for _, last in ranges)


def outcomes(
    findings: Sequence[Static],
    sites: Sequence[Mapping[str, Any]],
    traced: Mapping[str, Sequence[int]],
    root: Path,
) -> list[dict[str, Any]]:
    """For each static finding what this run says: confirmed, refuted (its line was traced without effect), not_reached.

    traced: absolute file -> lines that landed in a graph.
    """
    found = []
    for finding in findings:
        hits = [site for site in sites if _hit(finding, site, root)]
        lines = set(traced.get(finding.path, ()))
        reached = any(line in lines for line in range(finding.first_line, finding.last_line + 1))
        outcome = "confirmed" if hits else "refuted" if reached else "not_reached"
        found.append(
            {
                "code": finding.code,
                "name": finding.name,
                "file": finding.path,
                "line": finding.first_line,
                "message": finding.message,
                "outcome": outcome,
            }
        )
    return found


def _hit(finding: Static, site: Mapping[str, Any], root: Path) -> bool:
    """Whether a site lies on the finding, itself or by a caller's frame of its user stack."""
    places = [(site.get("file"), site.get("line")), (site.get("file"), site.get("source_line"))]
    places += [(frame.get("file"), frame.get("line")) for frame in site.get("user_stack", ())]
    return any(
        file and line and finding.covers(_absolute(file, root), int(line), int(line)) for file, line in places
    )

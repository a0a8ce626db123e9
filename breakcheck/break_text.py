"""Breaks and recompiles as indented lines for a terminal: the place first, then the line, the cause and the rule."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breakcheck.runtime.observation import BreakSite, Frame, GraphInfo, LimitHit, Recompile


def place(path: str, line: int) -> str:
    """`path:line`, the path as a reader wants it."""
    from breakcheck.runtime.places import display_path

    return f"{display_path(path)}:{line}" if path else "(place unknown)"


@cache
def _rules() -> dict[str, tuple[str, ...]]:
    from breakcheck.registry import rules_by_gb_id

    return rules_by_gb_id()


def rule_hint(gb_id: str) -> str:
    """The rule that explains a GB id, or how many do; "" when none does."""
    from breakcheck.registry import find_rule

    codes = _rules().get(gb_id, ())
    if len(codes) != 1:
        return f"rules {', '.join(codes)} know {gb_id}: `breakcheck rule CODE` explains each" if codes else ""
    loaded = find_rule(codes[0])
    name = f" ({loaded.rule.name})" if loaded else ""
    return f"rule {codes[0]}{name}: `breakcheck rule {codes[0]}` explains it"


def break_lines(site: BreakSite) -> list[str]:
    """One graph break: place and id, source, where it is called from, cause, rule."""
    head = f"  {place(site.path, site.line)}: {site.gb_id or 'graph break'} {site.gb_type}".rstrip()
    lines = [head if site.count == 1 else f"{head} (x{site.count})"]
    if site.source:
        lines.append(f"      {site.source}")
    within = [f"in {site.function}"] if site.function else []
    caller = _caller(site)
    if caller is not None:
        within.append(f"called from {place(caller.path, caller.line)}")
    if site.owner not in ("user", ""):
        within.append(f"owner {site.owner}")
    if within:
        lines.append("      " + ", ".join(within))
    if site.reason and site.reason != site.gb_type:
        lines.append(f"      {site.reason}")
    if site.hides is not None:
        whose = f" of {site.hides_function}" if site.hides_function != site.function else ""
        lines.append(
            f"      frame skipped: lines {site.hides[0]}-{site.hides[1]}{whose} ran eagerly and were not analysed; fix this first"
        )
    hint = rule_hint(site.gb_id)
    if hint:
        lines.append(f"      {hint}")
    elif site.hints:
        lines.append(f"      hint: {site.hints[0]}")
    return lines


def _caller(site: BreakSite) -> Frame | None:
    """The next user frame outside the site's own, None when the break is in the outermost one."""
    from breakcheck.runtime.places import is_foreign

    frames = [frame for frame in site.user_stack if not is_foreign(frame.path)]
    outer = [frame for frame in frames if (frame.path, frame.line) != (site.path, site.line)]
    return outer[-1] if outer else None


def limit_lines(hit: LimitHit) -> list[str]:
    """One frame that hit the recompile limit."""
    return [
        f"  {place(hit.path, hit.line)}: recompile limit",
        f"      in {hit.function}: {hit.reason}; it ran eagerly from then on",
    ]


def recompile_lines(again: Recompile) -> list[str]:
    """One recompile: place, what changed, the guard that failed."""
    changed = f"{again.guard_class.value}{f' of {again.subject}' if again.subject else ''} changed"
    return [
        f"  {place(again.path, again.source_line or again.line)}: recompiled, {changed}",
        f"      in {again.function}: {again.guard}",
    ]


def graph_lines(graph: GraphInfo) -> list[str]:
    """One captured graph: where its function begins and how large it is."""
    return [
        f"  {place(graph.path, graph.first_line)}: graph {graph.compile_id} of {graph.function}, {graph.op_count} ops"
    ]

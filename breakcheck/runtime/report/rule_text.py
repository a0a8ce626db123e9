"""A rule in a report: why it matters, and its own bad and good example as two panes."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_EXPECT = re.compile(r"\s*# expect: [A-Z0-9, ]+$")
_MOST = 14  # lines a pane shows


@dataclass(frozen=True)
class ExampleLine:
    """One line of a pane; `changed` when the other pane lacks it."""

    text: str
    changed: bool


@dataclass(frozen=True)
class RuleText:
    """What a card says about its rule. why, instead: sections of its doc. before, after: the part that differs."""

    code: str
    name: str
    summary: str
    why: str
    instead: str
    before: tuple[ExampleLine, ...]
    after: tuple[ExampleLine, ...]


@lru_cache(maxsize=256)
def rule_text(code: str) -> RuleText | None:
    """The text of a rule, None when no rule has the code."""
    from breakcheck.registry import RuleLoadError, find_rule

    try:
        loaded = find_rule(code)
    except RuleLoadError:
        return None
    if loaded is None:
        return None
    before, after = _panes(_example(loaded.folder / "bad.py"), _example(loaded.folder / "good.py"))
    return RuleText(
        loaded.rule.code,
        loaded.rule.name,
        loaded.rule.summary,
        loaded.section("Why is this bad"),
        loaded.section("What to do"),
        before,
        after,
    )


def _example(path: Path) -> list[str]:
    """The example's own definitions: without imports, the `case` factory and the expectations."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return []
    lines = text.splitlines()
    kept: list[str] = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or getattr(node, "name", "") == "case":
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        kept += [*([""] if kept else []), *lines[first - 1 : node.end_lineno]]
    return [_EXPECT.sub("", line).rstrip() for line in kept]


def _panes(bad: list[str], good: list[str]) -> tuple[tuple[ExampleLine, ...], tuple[ExampleLine, ...]]:
    """Both examples around what differs, common indentation kept."""
    matcher = difflib.SequenceMatcher(a=bad, b=good, autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    if not changes:
        return (), ()
    removed = {i for _tag, a1, a2, _b1, _b2 in changes for i in range(a1, a2)}
    added = {i for _tag, _a1, _a2, b1, b2 in changes for i in range(b1, b2)}
    before = _pane(bad, removed, changes[0][1], changes[-1][2])
    after = _pane(good, added, changes[0][3], changes[-1][4])
    return before, after


def _pane(lines: list[str], touched: set[int], start: int, end: int) -> tuple[ExampleLine, ...]:
    shown = range(max(0, start - 3), min(len(lines), end + 2))
    return _short(_dedented([ExampleLine(lines[i], i in touched) for i in shown]))


def _dedented(lines: list[ExampleLine]) -> list[ExampleLine]:
    margin = min((len(item.text) - len(item.text.lstrip()) for item in lines if item.text), default=0)
    return [ExampleLine(item.text[margin:], item.changed) for item in lines]


def _short(lines: list[ExampleLine]) -> tuple[ExampleLine, ...]:
    while len(lines) > _MOST and not lines[0].changed:
        lines = lines[1:]
    while len(lines) > _MOST and not lines[-1].changed:
        lines = lines[:-1]
    return tuple(lines[:_MOST]) + ((ExampleLine("…", False),) if len(lines) > _MOST else ())

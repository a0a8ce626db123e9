"""The source with its gutter: which graph each line landed in, where it broke, what a skipped frame hid."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from breakcheck.runtime.report.graph_strip import GraphBlock
from breakcheck.runtime.report.taking import found_file, visible

LANES = 4  # graphs marked beside a line; the rest are counted
MOST_LINES = 400  # a file, so that a page of a large model stays readable


@dataclass(frozen=True)
class SourceLine:
    """One line. state: "traced", "broke", "hidden", "fallback" or "". cards: numbers of the cards about it."""

    number: int
    html: Markup
    graphs: tuple[GraphBlock, ...] = ()
    state: str = ""
    title: str = ""
    cards: tuple[int, ...] = ()

    @property
    def more(self) -> int:
        """Graphs beyond those that have a lane."""
        return max(0, len(self.graphs) - LANES)


@dataclass(frozen=True)
class Excerpt:
    """Consecutive lines of a function (or of the file's top level)."""

    name: str
    lines: tuple[SourceLine, ...]


@dataclass(frozen=True)
class SourceFile:
    """A file's excerpts; `left_out` lines were cut to keep the page short."""

    path: str
    excerpts: tuple[Excerpt, ...]
    broken: int
    left_out: int = 0


@dataclass
class _Marks:
    graphs: dict[int, list[GraphBlock]] = field(default_factory=dict)
    broke: dict[int, list[int]] = field(default_factory=dict)
    fallback: dict[int, str] = field(default_factory=dict)
    hidden: list[tuple[int, int, str]] = field(default_factory=list)
    callers: dict[int, list[int]] = field(default_factory=dict)


def source_files(
    blocks: Sequence[GraphBlock],
    cards: Sequence[tuple[int, Mapping[str, Any]]],
    skipped: Iterable[Mapping[str, Any]],
    fallbacks: Iterable[Mapping[str, Any]],
) -> tuple[SourceFile, ...]:
    """The files that graphs, breaks and skipped frames lie in, those that broke first.

    cards: (number, break site). Library files appear only where something broke or fell back in them.
    """
    marks: dict[str, _Marks] = {}

    def of(file: object) -> _Marks:
        return marks.setdefault(str(file), _Marks())

    for block in blocks:
        for file, numbers in block.lines.items():
            for number in numbers:
                of(file).graphs.setdefault(number, []).append(block)
    for number, site in cards:
        of(site["file"]).broke.setdefault(int(site["line"]), []).append(number)
        for frame in site.get("user_stack", ()):
            if (frame["file"], frame["line"]) != (site["file"], site["line"]):
                of(frame["file"]).callers.setdefault(int(frame["line"]), []).append(number)
    for frame in skipped:
        reason = f"{frame['function']} ran eagerly as a whole: {frame['reason']}"
        of(frame["file"]).hidden.append((int(frame["first_line"]), int(frame["last_line"]), reason))
    for site in fallbacks:
        of(site["file"]).fallback[int(site["line"])] = f"{site['op']}: {site['reason']}"
    files = [made for file, mark in marks.items() if (made := _file(file, mark)) is not None]
    return tuple(sorted(files, key=lambda file: (-file.broken, file.path)))


def _file(shown: str, marks: _Marks) -> SourceFile | None:
    path = found_file(shown)
    ours = marks.broke or marks.hidden or marks.fallback
    if path is None or not (ours or "site-packages" not in str(path.resolve())):
        return None
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return None
    html = _highlighted(text)
    touched = set(marks.broke) | set(marks.fallback) | set(marks.graphs) | set(marks.callers)
    touched |= {first for first, _last, _why in marks.hidden}
    excerpts, left, budget = [], 0, MOST_LINES
    ranges = _functions_around(tree, touched, len(html))
    urgent = set(marks.broke) | set(marks.fallback) | {first for first, _l, _w in marks.hidden}
    kept: list[tuple[str, int, int]] = []
    for item in sorted(ranges, key=lambda r: (not any(r[1] <= n <= r[2] for n in urgent), r[1])):
        size = item[2] - item[1] + 1
        if size <= budget or not kept:
            kept.append(item)
            budget -= size
        else:
            left += size
    for name, first, last in sorted(kept, key=lambda r: r[1]):
        lines = [_line(n, html[n - 1], marks) for n in range(first, min(last, len(html)) + 1)]
        excerpts.append(Excerpt(visible(name), tuple(lines)))
    return SourceFile(shown, tuple(excerpts), len(marks.broke), left)


def _line(number: int, html: Markup, marks: _Marks) -> SourceLine:
    graphs = tuple(marks.graphs.get(number, ()))
    cards = tuple(marks.broke.get(number, ()))
    hidden = next((why for first, last, why in marks.hidden if first <= number <= last), "")
    if cards:
        return SourceLine(number, html, graphs, "broke", "the graph ends here", cards)
    if number in marks.fallback:
        return SourceLine(
            number, html, graphs, "fallback", f"not generated by Inductor, {marks.fallback[number]}"
        )
    if hidden and not graphs:
        return SourceLine(number, html, (), "hidden", hidden)
    if graphs:
        names = ", ".join(f"graph {block.number}" for block in graphs)
        return SourceLine(number, html, graphs, "traced", f"in {names}", tuple(marks.callers.get(number, ())))
    return SourceLine(number, html, cards=tuple(marks.callers.get(number, ())))


def _functions_around(tree: ast.Module, touched: set[int], length: int) -> list[tuple[str, int, int]]:
    """(name, first, last) of the outermost functions holding touched lines, and two lines around any other."""
    found: list[tuple[str, int, int]] = []

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                last = child.end_lineno or child.lineno
                if any(first <= line <= last for line in touched):
                    found.append((f"{prefix}{child.name}", first, last))
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            else:
                visit(child, prefix)

    visit(tree, "")
    inside = {line for line in touched if any(first <= line <= last for _n, first, last in found)}
    for line in sorted(touched - inside):
        if 1 <= line <= length:
            found.append(("module level", max(1, line - 1), min(length, line + 1)))
    return sorted(found, key=lambda item: item[1])


def _highlighted(text: str) -> list[Markup]:
    """The lines as HTML with Pygments' class names; everything of the source is escaped by it."""
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    lexer = PythonLexer(stripnl=False, ensurenl=True)
    rendered = highlight(
        visible(text.replace("\r\n", "\n")), lexer, HtmlFormatter(nowrap=True, classprefix="py-")
    )
    return [Markup(line) for line in rendered.split("\n")]

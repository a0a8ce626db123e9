"""Where a node stands, in characters: `ast` counts columns in UTF-8 bytes, people and editors in characters."""

from __future__ import annotations

import ast
import io
from collections.abc import Sequence
from dataclasses import dataclass

HEAD_LINES = 5  # an expression over more lines than this is shown by its head


@dataclass(frozen=True)
class Span:
    """A range of a file: 1-based lines, 0-based character columns, end exclusive (as libcst counts).

    expression: whether it is an expression's (a statement may start and end at the same place).
    """

    line: int
    column: int
    end_line: int
    end_column: int
    expression: bool = True


def source_lines(text: str) -> list[str]:
    """The lines of a source text with their ends, split as Python's tokenizer does (not at form feeds)."""
    return list(io.StringIO(text, newline=""))


def characters(lines: Sequence[str], line: int, byte_column: int) -> int:
    """The character column of a byte column of a line (1-based)."""
    text = lines[line - 1] if line <= len(lines) else ""
    if text.isascii():
        return byte_column
    return len(text.encode("utf-8")[:byte_column].decode("utf-8", errors="ignore"))


def span_of(node: ast.AST, lines: Sequence[str]) -> Span:
    """The range of a node that has a position; a decorated definition begins at its first decorator."""
    assert isinstance(node, ast.expr | ast.stmt | ast.excepthandler | ast.keyword | ast.arg), type(node)
    line, column = node.lineno, node.col_offset
    for decorator in getattr(node, "decorator_list", ()):
        if decorator.lineno < line:
            line = decorator.lineno
    end_line = node.end_lineno or node.lineno
    return Span(
        line,
        characters(lines, line, column),
        end_line,
        characters(lines, end_line, node.end_col_offset or 0),
        isinstance(node, ast.expr),
    )


def head_span(node: ast.AST, lines: Sequence[str]) -> Span:
    """The range a finding is shown at: the head of a compound statement or of a long expression, else the whole node.

    A call over more than `HEAD_LINES` lines is shown at what is called: its arguments are not the place.
    """
    whole = span_of(node, lines)
    if isinstance(node, ast.expr) and whole.end_line - whole.line >= HEAD_LINES:
        if isinstance(node, ast.Call):
            called = span_of(node.func, lines)
            if called.end_line - whole.line < HEAD_LINES:
                return Span(whole.line, whole.column, called.end_line, called.end_column)
        return Span(whole.line, whole.column, whole.line, len(lines[whole.line - 1].rstrip("\r\n")))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Try):
        first = lines[node.lineno - 1].rstrip("\r\n")
        return Span(node.lineno, whole.column, node.lineno, len(first), False)
    last: ast.expr | None = None
    if isinstance(node, ast.If | ast.While):
        last = node.test
    elif isinstance(node, ast.For | ast.AsyncFor):
        last = node.iter
    elif isinstance(node, ast.With | ast.AsyncWith):
        last = node.items[-1].optional_vars or node.items[-1].context_expr
    if last is None:
        return whole
    end = span_of(last, lines)
    return Span(whole.line, whole.column, end.end_line, end.end_column, False)


def from_place(since: ast.AST | None, span: Span, lines: Sequence[str]) -> Span:
    """A range begun at an earlier place, when it then covers no more than `HEAD_LINES` lines; else as it is."""
    if since is None:
        return span
    start = span_of(since, lines)
    if not 0 <= span.end_line - start.line < HEAD_LINES:
        return span
    return Span(start.line, start.column, span.end_line, span.end_column, False)

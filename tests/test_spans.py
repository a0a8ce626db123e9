"""Where a finding is shown: short nodes whole, long ones by their head."""

from __future__ import annotations

import ast

from breakcheck.spans import Span, from_place, head_span, source_lines

MESSAGE = '    "a"\n' * 7


def shown(source: str) -> Span:
    statement = ast.parse(source).body[0]
    node = statement.value if isinstance(statement, ast.Expr) else statement
    return head_span(node, source_lines(source))


def test_a_call_over_five_lines_is_shown_whole() -> None:
    assert shown('log(\n    "a"\n    "b"\n    "c"\n)\n') == Span(1, 0, 5, 1)


def test_a_longer_call_is_shown_at_what_is_called() -> None:
    assert shown(f"logger.warning_once(\n{MESSAGE})\n") == Span(1, 0, 1, 19)
    assert shown(f"(\n    x.a()\n    .b(\n{MESSAGE}))\n") == Span(2, 4, 3, 6)


def test_a_longer_expression_is_shown_at_its_first_line() -> None:
    assert shown(f"[\n{MESSAGE}]\n") == Span(1, 0, 1, 1)
    assert shown(f"(\n  f(\n{MESSAGE}).b()\n)\n") == Span(2, 2, 2, 4)


def test_a_compound_statement_is_shown_by_its_head() -> None:
    assert shown("if x > 0:\n    y = 1\n") == Span(1, 0, 1, 8, False)


def test_a_range_begins_at_an_earlier_cause_only_within_five_lines() -> None:
    lines = ["skip = draw()\n", *["pass\n"] * 8]
    cause = ast.parse("".join(lines)).body[0]
    assert from_place(cause, Span(5, 0, 5, 4), lines) == Span(1, 0, 5, 4, False)
    assert from_place(cause, Span(6, 0, 6, 4), lines) == Span(6, 0, 6, 4)
    assert from_place(None, Span(2, 0, 2, 4), lines) == Span(2, 0, 2, 4)

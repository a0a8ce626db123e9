"""Questions of pure syntax that several rules ask; re-exported by `breakcheck.rule`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from breakcheck.semantic.trees import walk


def asked_for_truth(test: ast.expr) -> Iterator[ast.expr]:
    """The parts of a condition whose truth Python asks for, in order of evaluation.

    `a and not b` asks `a` and `b`; `x > 0` asks the comparison; `t in items` asks nothing here (membership
    compares by equality and is a question of its own).
    """
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from asked_for_truth(value)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from asked_for_truth(test.operand)
    elif isinstance(test, ast.NamedExpr):
        yield from asked_for_truth(test.value)
    elif not (
        isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot))
    ):
        yield test


def only_raises(body: list[ast.stmt]) -> bool:
    """Whether a block ends in `raise` and does nothing before it but build the message."""
    return (
        bool(body)
        and isinstance(body[-1], ast.Raise)
        and all(isinstance(statement, (ast.Assign, ast.Expr)) for statement in body[:-1])
    )


def asks_whether_given(test: ast.expr, part: ast.expr) -> bool:
    """Whether `part` is reached only when something optional was given: `labels is not None and <part>`."""
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And):
        return False
    for value in test.values:
        if any(inner is part for inner in walk(value)):
            return False
        if (
            isinstance(value, ast.Compare)
            and isinstance(value.ops[0], ast.IsNot)
            and isinstance(value.comparators[0], ast.Constant)
            and value.comparators[0].value is None
        ):
            return True
    return False

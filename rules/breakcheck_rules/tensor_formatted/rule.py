"""A tensor is turned into text.

## What it does
Finds a tensor inside an f-string, `str(t)`, `repr(t)`, `"..." % t` and `"...".format(t)`. Shapes, dtypes
and sizes are fine. Text handed to an exception or a logger is not this rule's: the raise is never traced,
the logger has a rule of its own.

## Why is this bad
The text needs the values: Dynamo reads them back, and since torch 2.13 an f-string of a tensor gives up the
whole frame.

## What to do
Format outside the compiled region, or only when `not torch.compiler.is_compiling()`; return the tensor and
print it there.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC113",
    name="tensor-formatted",
    summary="a tensor is turned into text",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0059", "GB0088", "GB0208", "GB0033", "GB0569", "GB0021"),
    nodes=(ast.JoinedStr, ast.Call, ast.BinOp),
    matrix=("se_fstring_tensor", "hs_item_in_fstring"),
)


def match(node: ast.JoinedStr | ast.Call | ast.BinOp, facts: Facts) -> Iterator[Problem]:
    if _reported_elsewhere(node, facts):
        return
    for part in _formatted(node, facts):
        value = facts.value(part)
        if value.kind is Kind.TENSOR:
            yield breaks(
                node,
                f"`{facts.source(part)}` is a tensor turned into text",
                facts,
                because=(value,),
                suggestion="format outside the compiled region",
            )
            return


def _formatted(node: ast.JoinedStr | ast.Call | ast.BinOp, facts: Facts) -> Iterator[ast.expr]:
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.BinOp):
        if (
            isinstance(node.op, ast.Mod)
            and isinstance(node.left, ast.Constant)
            and isinstance(node.left.value, str)
        ):
            yield from node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        if isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str):
            yield from node.args
            yield from (keyword.value for keyword in node.keywords)
    elif len(node.args) == 1 and facts.callee(node).name in ("builtins.str", "builtins.repr"):
        yield node.args[0]


def _reported_elsewhere(node: ast.AST, facts: Facts) -> bool:
    """Whether the text goes into a `raise`, an `assert` message, or a call that breaks the graph by itself."""
    statement = facts.statement(node)
    if isinstance(statement, (ast.Raise, ast.Assert)):
        return True
    parent: ast.AST | None = facts.parent(node)
    while parent is not None and parent is not statement:
        if isinstance(parent, ast.Call):
            name = facts.callee(parent).name
            if name == "builtins.print" or name.startswith(("logging.", "warnings.")):
                return True
        parent = facts.parent(parent)
    return False

"""A tensor is turned into text.

## What it does
Finds `str(t)`, `repr(t)` and `"..." % t` of a tensor. f-strings and `"...".format(t)` are captured by torch
2.13 as long as nobody looks at the text, and are not reported; shapes, dtypes and sizes are fine
everywhere.

## Why is this bad
The text needs the values: Dynamo reads them back and ends the graph; with `%` the whole frame is given up.

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
    gb_ids=("GB0059", "GB0208", "GB0033", "GB0569"),
    calls=("builtins.str", "builtins.repr"),
    nodes=(ast.BinOp,),
    matrix=("se_fstring_tensor", "hs_item_in_fstring"),
)


def match(node: ast.Call | ast.BinOp, facts: Facts) -> Iterator[Problem]:
    for part in _formatted(node):
        value = facts.value(part)
        if value.kind is Kind.TENSOR:
            if isinstance(facts.statement(node), (ast.Raise, ast.Assert)):
                return
            yield breaks(
                node,
                f"`{facts.source(part)}` is a tensor turned into text",
                facts,
                because=(value,),
                suggestion="format outside the compiled region",
            )
            return


def _formatted(node: ast.Call | ast.BinOp) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        if (
            isinstance(node.op, ast.Mod)
            and isinstance(node.left, ast.Constant)
            and isinstance(node.left.value, str)
        ):
            yield from node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    elif len(node.args) == 1:
        yield node.args[0]

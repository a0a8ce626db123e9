"""Python's `pow()` is given a tensor.

## What it does
Finds `pow(t, 2)` and `pow(2, t)`, the builtin, with a tensor.

## Why is this bad
Before torch 2.14 Dynamo does not trace the builtin, unlike the operator: the graph ends there.

## What to do
Write `t ** 2` or `torch.pow(t, 2)`.

## Fix safety
Safe: `pow(a, b)` is `a ** b`, the same operator of the same operands.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC465",
    name="builtin-pow",
    summary="Python's `pow()` is given a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9,<2.14",
    gb_ids=("GB0059",),
    calls=("builtins.pow",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    for argument in node.args[:2]:
        value = facts.value(argument)
        if value.kind is Kind.TENSOR:
            yield breaks(
                node,
                f"`{facts.source(node)}` is not traced, unlike `**`",
                facts,
                because=(value,),
                suggestion="write `**` or `torch.pow`",
            )
            return

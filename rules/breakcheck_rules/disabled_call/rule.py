"""A function that is excluded from compilation is called.

## What it does
Finds the call of a function decorated with `torch.compiler.disable` from compiled code.

## Why is this bad
The decorator asks for it: the graph ends before the call and another begins after it, and each side loses
fusion and CUDA graphs across the seam. The price is paid at every call, and in a loop by the whole frame.

## What to do
Keep it where the function can't be traced and runs seldom; else let it be traced, make it a custom
operator, or call it outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC434",
    name="disabled-call",
    summary="a function that is excluded from compilation is called",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0098", "GB0099"),
    nodes=(ast.Call,),
    matrix=("se_dynamo_disable_callee",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if facts.is_disabled(node):
        yield breaks(
            node,
            f"`{facts.source(node)}` is excluded from compilation",
            facts,
            because=(facts.callee(node),),
            suggestion="call it outside the compiled region, or make it a custom operator",
        )

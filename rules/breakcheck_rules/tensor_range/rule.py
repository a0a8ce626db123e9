"""`range()` over a bound read from a tensor.

## What it does
Finds `for i in range(t)` where a bound is a tensor.

## Why is this bad
The number of turns is data: the graph ends at the loop, and the loop itself runs eagerly.

## What to do
Loop up to a constant or a shape and mask what lies beyond the bound; or take the count as a Python
argument.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC110",
    name="tensor-range",
    summary="`range()` over a bound read from a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0059", "GB0124", "GB0033"),
    calls=("builtins.range",),
    matrix=("hs_for_range_tensor", "hs_for_range_item"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    for bound in node.args:
        value = facts.value(bound)
        if value.kind in (Kind.TENSOR, Kind.NDARRAY):
            yield breaks(
                node,
                f"loop bound `{facts.source(bound)}` is a tensor, read back to Python",
                facts,
                because=(value,),
                suggestion="loop to a constant or a shape under a mask, or pass the count in as a Python int",
            )
            return

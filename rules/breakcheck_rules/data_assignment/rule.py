"""`.data` of a computed tensor is assigned.

## What it does
Finds `t.data = ...` and `t.data += ...` where `t` was computed in the same function. On a parameter, a
buffer or an argument it is captured, and so are `t.data.mul_()` and `t.data[i] = ...`.

## Why is this bad
Swapping the storage of a tensor that exists only in the graph can't be expressed in it: the graph ends
there.

## What to do
Bind the name to the new tensor, or write into the old one with `copy_`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks, made_here

RULE = Rule(
    code="BC426",
    name="data-assignment",
    summary="`.data` of a computed tensor is assigned",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0056",),
    nodes=(ast.Attribute,),
    attributes=("data",),
    matrix=("ag_data_assign", "ag_param_data_assign"),
)


def match(node: ast.Attribute, facts: Facts) -> Iterator[Problem]:
    if isinstance(node.ctx, ast.Store) and made_here(node.value, facts):
        yield breaks(
            node,
            f"`{facts.source(node)}` is assigned, which swaps the storage of a tensor of the graph",
            facts,
            because=(facts.value(node.value),),
            suggestion="bind the name to the new tensor",
        )

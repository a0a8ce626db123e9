"""A tensor is resized in place.

## What it does
Finds `tensor.resize_(...)` and `tensor.resize_as_(...)`.

## Why is this bad
They change the storage under a tensor, which a graph can't express: it ends there, even when the shape
stays what it was.

## What to do
Make a tensor of the new shape, with `new_empty`, `reshape` or `pad`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC427",
    name="resize",
    summary="a tensor is resized in place",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.4",
    gb_ids=("GB0126", "GB0127"),
    calls=("torch.Tensor.resize_", "torch.Tensor.resize_as_"),
    matrix=("ag_resize_",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` changes the storage under a tensor, which a graph can't",
        facts,
        because=(facts.callee(node),),
        suggestion="make a tensor of the new shape",
    )

"""`Tensor.random_` is not traced.

## What it does
Finds `tensor.random_(...)`.

## Why is this bad
Dynamo refuses this in-place operator, so the graph ends there.

## What to do
Use `torch.randint(low, high, size)`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC213",
    name="in-place-random-integers",
    summary="`Tensor.random_` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0107",),
    calls=("torch.Tensor.random_",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="use `torch.randint`, which is",
    )

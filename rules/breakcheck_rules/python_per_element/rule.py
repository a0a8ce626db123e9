"""A Python function is applied to each element.

## What it does
Finds `tensor.apply_(fn)`, `map_` and `map2_`.

## Why is this bad
A Python function runs on every element, on the CPU only: nothing to put into a graph, which ends there.

## What to do
Write it with tensor operators.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC430",
    name="python-per-element",
    summary="a Python function is applied to each element",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0055",),
    calls=("torch.Tensor.apply_", "torch.Tensor.map_", "torch.Tensor.map2_"),
    matrix=("ag_apply_python",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` runs Python on every element",
        facts,
        because=(facts.callee(node),),
        suggestion="write it with tensor operators",
    )

"""`as_subclass(torch.Tensor)` in compiled code.

## What it does
Finds `t.as_subclass(torch.Tensor)`. A subclass defined in Python is captured.

## Why is this bad
Dynamo knows no source for the plain class: the graph ends there.

## What to do
Leave the call out where the tensor is a plain one; unwrap subclasses outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC445",
    name="subclass-dropped",
    summary="`as_subclass(torch.Tensor)` in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0001",),
    calls=("torch.Tensor.as_subclass",),
    matrix=("ag_tensor_subclass_made_inside",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, 0, "cls")
    if given is None:
        return
    value = facts.value(given)
    if value.kind is Kind.CLASS and value.name == "torch.Tensor":
        yield breaks(
            node,
            f"`{facts.source(node)}` is refused by Dynamo",
            facts,
            because=(facts.callee(node),),
            suggestion="unwrap tensor subclasses outside the compiled region",
        )

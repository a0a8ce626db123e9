"""A call that Dynamo captures from torch 2.14 on.

## What it does
Finds `torch.backends.mps.is_available()`, `torch.mps.is_available()`, `object()` and `functools.cmp_to_key(...)`
in reached code, for projects that run with torch before 2.14.

## Why is this bad
In those releases the graph ends at the call. From torch 2.14 on each of them is part of the graph.

## What to do
Require torch 2.14, or make the value in `__init__`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC457",
    name="traced-since-2-14",
    summary="a call that Dynamo captures from torch 2.14 on",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9,<2.14",
    gb_ids=(
        "GB0208",
        "GB0007",
        "GB0059",
        "GB0156",
    ),
    calls=(
        "torch.backends.mps.is_available",
        "torch.backends.mps.is_built",
        "torch.mps.is_available",
        "builtins.object",
        "functools.cmp_to_key",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced before torch 2.14",
        facts,
        because=(facts.callee(node),),
        suggestion="require torch 2.14, or make the value in `__init__`",
    )

"""A call that Dynamo captures from torch 2.15 on.

## What it does
Finds `bytes(...)`, `bytearray(...)`, `types.SimpleNamespace(...)` and functions of `cmath` in reached code, for projects that
run with torch before 2.15.

## Why is this bad
In those releases the graph ends at the call. From torch 2.15 on each of them is part of the graph.

## What to do
Require torch 2.15, or make the value in `__init__`; a dict or a dataclass does for a namespace.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC458",
    name="traced-since-2-15",
    summary="a call that Dynamo captures from torch 2.15 on",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9,<2.15",
    gb_ids=(
        "GB0007",
        "GB0059",
        "GB0147",
    ),
    calls=(
        "builtins.bytes",
        "builtins.bytearray",
        "types.SimpleNamespace",
        "cmath.*",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced before torch 2.15",
        facts,
        because=(facts.callee(node),),
        suggestion="require torch 2.15, or make the value in `__init__`",
    )

"""A list, dict, set or module is copied by `copy.copy`.

## What it does
Finds `copy.copy` of a list, dict, set or module. `copy.copy` of a tuple is captured, and so are `[*items]`,
`dict.copy()` and `dataclasses.replace`.

## Why is this bad
`copy.copy` of these is not looked into: the graph ends at the call.

## What to do
Write `list(items)`, `dict(items)` or `items.copy()`; make copies of modules in `__init__`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC459",
    name="container-copy",
    summary="a list, dict, set or module is copied by `copy.copy`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=(
        "GB0007",
        "GB0008",
    ),
    calls=("copy.copy",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    argument = facts.argument(node, 0, "x")
    if argument is None:
        return
    value = facts.value(argument)
    if value.kind is not Kind.MODULE and value.name not in ("list", "dict", "set"):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` copies by Python's copy protocol, which is not traced",
        facts,
        because=(facts.callee(node), value),
        suggestion="use `items.copy()` or `list(items)`; build module copies in `__init__`",
    )

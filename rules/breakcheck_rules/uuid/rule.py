"""`uuid` in compiled code.

## What it does
Finds `uuid.uuid4()` and its siblings.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Make the id outside the compiled region, once.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC310",
    name="uuid",
    summary="`uuid` in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0156"),
    calls=("uuid.uuid1", "uuid.uuid3", "uuid.uuid4", "uuid.uuid5"),
    matrix=("se_uuid",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="make the id outside the compiled region",
    )

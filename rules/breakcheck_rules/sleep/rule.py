"""`time.sleep` in compiled code.

## What it does
Finds `time.sleep`.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Sleep outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC306",
    name="sleep",
    summary="`time.sleep` in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=("time.sleep",),
    matrix=("se_time_sleep",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        "`time.sleep` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="sleep outside the compiled region",
    )

"""A graph break is asked for.

## What it does
Finds `torch._dynamo.graph_break()`.

## Why is this bad
It ends the graph, as asked. It is a debugging aid that is easily left behind.

## What to do
Remove it when it has served its purpose.

## Fix safety
Removing the call is safe: outside of tracing it does nothing.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC435",
    name="explicit-graph-break",
    summary="a graph break is asked for",
    severity=Severity.INFO,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0025",),
    calls=("torch._dynamo.graph_break",),
    matrix=("se_dynamo_graph_break",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph on purpose",
        facts,
        because=(facts.callee(node),),
        suggestion="remove it",
    )

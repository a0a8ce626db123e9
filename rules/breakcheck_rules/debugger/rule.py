"""A debugger is called in compiled code.

## What it does
Finds `breakpoint()`, `pdb.set_trace()`, `input()` and `exec()`.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Drop it: debug the eager model, or use `torch._dynamo.comptime`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC315",
    name="debugger",
    summary="a debugger is called in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0059", "GB0007"),
    calls=("builtins.breakpoint", "pdb.set_trace", "ipdb.set_trace", "builtins.input", "builtins.exec"),
    matrix=("se_breakpoint",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="drop it; debug the eager model",
    )

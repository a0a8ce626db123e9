"""A `contextvars.ContextVar` is read in compiled code.

## What it does
Finds `variable.get()` of a `contextvars.ContextVar`. From torch 2.14 on it is captured; `set()` is not:
context-variable.

## Why is this bad
The value lives in the interpreter's context, out of the tracer's sight: the graph ends there.

## What to do
Pass the value as an argument, or keep it on the module.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC454",
    name="context-variable-read",
    summary="a `contextvars.ContextVar` is read in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9,<2.14",
    gb_ids=("GB0156",),
    calls=("contextvars.ContextVar.get",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reads the interpreter's context",
        facts,
        because=(facts.callee(node),),
        suggestion="pass the value as an argument",
    )

"""A `contextvars.ContextVar` is set in compiled code.

## What it does
Finds `set()` and `reset()` of a `contextvars.ContextVar`, and `copy_context()`. Attributes of `threading.local()`
are captured; `get()` is another rule's.

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
    code="BC436",
    name="context-variable",
    summary="a `contextvars.ContextVar` is set in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0156", "GB0007", "GB6815"),
    calls=(
        "contextvars.ContextVar.set",
        "contextvars.ContextVar.reset",
        "contextvars.copy_context",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` changes or copies the interpreter's context",
        facts,
        because=(facts.callee(node),),
        suggestion="pass the value as an argument",
    )

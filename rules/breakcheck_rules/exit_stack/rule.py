"""A context manager is entered by a `contextlib.ExitStack`.

## What it does
Finds `stack.enter_context(...)`, `push` and `callback` inside `with contextlib.ExitStack() as stack`. A
stack that nothing is put on is captured.

## Why is this bad
The stack calls what it holds through a bound method that Dynamo does not trace, and because this happens
inside a `with`, the whole frame runs eagerly.

## What to do
Name the context managers in the `with` statement; use `contextlib.nullcontext()` for one that is optional.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC403",
    name="exit-stack",
    summary="a context manager is entered by a `contextlib.ExitStack`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB0007",),
    calls=(
        "contextlib.ExitStack.enter_context",
        "contextlib.ExitStack.push",
        "contextlib.ExitStack.callback",
    ),
    matrix=("cx_exitstack",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield Problem(
        node,
        f"`{facts.source(node)}` is not traced, so the whole frame runs eagerly",
        because=(facts.callee(node),),
        suggestion="name the context managers in the `with` statement",
    )

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

from breakcheck.rule import Callee, Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC403",
    name="exit-stack",
    summary="a context manager is entered by a `contextlib.ExitStack`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=(
        "contextlib.ExitStack.enter_context",
        "contextlib.ExitStack.push",
        "contextlib.ExitStack.callback",
    ),
    nodes=(ast.With,),
    matrix=("cx_exitstack",),
)

METHODS = frozenset(("enter_context", "push", "callback"))


def match(node: ast.With | ast.Call, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.Call):
        yield from _problem(node, facts, facts.callee(node))
        return
    for item in node.items:
        expression = item.context_expr
        if not isinstance(expression, ast.Call) or not isinstance(item.optional_vars, ast.Name):
            continue
        callee = facts.callee(expression)
        if callee.name != "contextlib.ExitStack":
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
                stack = inner.func.value
                named = isinstance(stack, ast.Name) and stack.id == item.optional_vars.id
                if named and inner.func.attr in METHODS:
                    yield from _problem(inner, facts, callee)


def _problem(call: ast.Call, facts: Facts, callee: Callee) -> Iterator[Problem]:
    yield Problem(
        call,
        f"`{facts.source(call)}` is not traced, so the whole frame runs eagerly",
        because=(callee,),
        suggestion="name the context managers in the `with` statement",
    )

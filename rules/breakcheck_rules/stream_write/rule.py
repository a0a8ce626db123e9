"""A standard stream is written in compiled code.

## What it does
Finds calls such as `sys.stdout.write` and `sys.stderr.flush`.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Write outside the compiled region, or only when `not torch.compiler.is_compiling()`.

## Fix safety
The edit puts the call under `if not torch.compiler.is_compiling():`. No tensor changes for any input, so it
is safe; a compiled run then says nothing. It is declined where the call's value is used or an argument does
more than read.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC304",
    name="stream-write",
    summary="a standard stream is written in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0156",),
    calls=("sys.stdout.*", "sys.stderr.*", "io.TextIOWrapper.*"),
    matrix=("se_stdout_write",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="write outside the compiled region, or only when `not torch.compiler.is_compiling()`",
    )

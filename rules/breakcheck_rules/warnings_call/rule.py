"""`warnings` is used in compiled code.

## What it does
Finds `warnings.warn`, `simplefilter`, `filterwarnings` and their like. `with warnings.catch_warnings():`
alone is captured.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Warn in `__init__`, outside the compiled region, or only when `not torch.compiler.is_compiling()`.

## Fix safety
The edit puts the call under `if not torch.compiler.is_compiling():`. No tensor changes for any input, so it
is safe; a compiled run then says nothing. It is declined where the call's value is used or an argument does
more than read.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC303",
    name="warnings-call",
    summary="`warnings` is used in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=(
        "warnings.warn",
        "warnings.warn_explicit",
        "warnings.simplefilter",
        "warnings.filterwarnings",
        "warnings.resetwarnings",
    ),
    matrix=("se_warnings_warn", "cx_catch_warnings"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="warn outside the compiled region, or only when `not torch.compiler.is_compiling()`",
    )

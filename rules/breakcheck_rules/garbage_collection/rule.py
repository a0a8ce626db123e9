"""The garbage collector is called in compiled code.

## What it does
Finds `gc.collect()` and other calls of `gc`. `torch.cuda.empty_cache()` is captured.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Collect between steps, outside the compiled region.

## Fix safety
The edit puts the call under `if not torch.compiler.is_compiling():`. No tensor changes for any input, so it
is safe; a compiled run then says nothing. It is declined where the call's value is used or an argument does
more than read.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC314",
    name="garbage-collection",
    summary="the garbage collector is called in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=("gc.*",),
    matrix=("se_gc_collect", "se_cuda_empty_cache"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="collect between steps, outside the compiled region",
    )

"""`.tolist()` reads a tensor back into Python lists.

## What it does
Finds `tensor.tolist()` in code that a compiled region reaches. From torch 2.4 to 2.9 it was captured; since
2.13 it ends the graph again.

## Why is this bad
The value must come back to Python, so Dynamo ends the graph there, runs it, waits for the device, and goes
on in a second graph. Inside a `for` body, a `try` or a generator expression the whole frame runs eagerly instead.

## What to do
Keep the sizes or indices a tensor, pass lists in as arguments that were made outside the compiled region,
or compile with `fullgraph=True`, which captures them since torch 2.13.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC102",
    name="tensor-tolist",
    summary="`.tolist()` reads a tensor back into Python lists",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.13",
    gb_ids=("GB0033", "GB0109"),
    calls=("torch.Tensor.tolist", "numpy.ndarray.tolist"),
    matrix=("hs_tolist", "ds_sort_topk_python"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reads a tensor back into Python and ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="keep the values a tensor, or pass the list in from outside the compiled region",
    )

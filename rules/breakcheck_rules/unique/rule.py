"""`unique` has as many elements as the data has distinct values.

## What it does
Finds `torch.unique`, `unique_consecutive`, and `np.unique` on arrays that Dynamo traces.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Sort and compare neighbours under a mask, scatter into a table of known size, or compute the distinct values
outside the compiled region. `fullgraph=True` captures the shape since torch 2.13.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC205",
    name="unique",
    summary="`unique` has as many elements as the data has distinct values",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036",),
    calls=(
        "torch.unique",
        "torch.Tensor.unique",
        "torch.unique_consecutive",
        "torch.Tensor.unique_consecutive",
        "numpy.unique",
    ),
    matrix=("ds_unique", "ds_unique_consecutive"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` has a shape that depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="sort and mark the first of each run, or count with a one-hot sum over a known number of values",
    )

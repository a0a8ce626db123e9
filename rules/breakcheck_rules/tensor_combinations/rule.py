"""`torch.combinations` and `torch.cov` read data to find their shape.

## What it does
Finds `torch.combinations`, `torch.cov` and `torch.corrcoef`.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
`torch.triu_indices(n, n, 1)` gives the pairs of `combinations`; a covariance is a centred matrix product.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC214",
    name="tensor-combinations",
    summary="`torch.combinations` and `torch.cov` read data to find their shape",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036", "GB0033"),
    calls=("torch.combinations", "torch.cov", "torch.corrcoef"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reads data back to Python",
        facts,
        because=(facts.callee(node),),
        suggestion="build the index pairs with `torch.triu_indices`, or write the covariance out",
    )

"""`bincount` is as long as the largest value in the data.

## What it does
Finds `torch.bincount` and `Tensor.bincount`; `minlength` does not help, since the data may be larger.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Add ones into a tensor of known length: `torch.zeros(n).index_add(0, ids, torch.ones_like(ids))`, or sum a
one-hot with `num_classes=`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC207",
    name="bincount",
    summary="`bincount` is as long as the largest value in the data",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036",),
    calls=("torch.bincount", "torch.Tensor.bincount", "numpy.bincount"),
    matrix=("ds_bincount",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` has a shape that depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="add ones into a tensor of known length with `index_add` or `scatter_add`",
    )

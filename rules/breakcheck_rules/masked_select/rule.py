"""`masked_select` keeps as many elements as the mask has.

## What it does
Finds `torch.masked_select` and `Tensor.masked_select`.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Keep the full shape and mask instead of selecting (`torch.where`, multiplying by the mask); or compile with
`fullgraph=True`, which captures such shapes since torch 2.13 (they split CUDA graphs).

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC204",
    name="masked-select",
    summary="`masked_select` keeps as many elements as the mask has",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036",),
    calls=("torch.masked_select", "torch.Tensor.masked_select"),
    matrix=("ds_masked_select", "ds_masked_scatter"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` has a shape that depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="keep the full shape under the mask (`torch.where`, `masked_fill`, multiplication)",
    )

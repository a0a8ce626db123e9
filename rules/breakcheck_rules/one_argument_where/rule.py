"""`torch.where` with a condition alone is `nonzero`.

## What it does
Finds `torch.where(condition)` and `np.where(condition)` with one argument.

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
    code="BC202",
    name="one-argument-where",
    summary="`torch.where` with a condition alone is `nonzero`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036",),
    calls=("torch.where", "numpy.where"),
    matrix=("ds_where_one_arg", "ds_moe_where_loop"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if len(node.args) + len(node.keywords) != 1 or isinstance(node.args[0], ast.Starred):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` without values to choose from is `nonzero`: its shape depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="give `torch.where` both values, or work under the mask",
    )

"""`nonzero()` has as many rows as the data has non-zero elements.

## What it does
Finds `torch.nonzero`, `Tensor.nonzero`, `argwhere`, and numpy's `nonzero`, `argwhere` and `flatnonzero` on
arrays that Dynamo traces.

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
    code="BC201",
    name="nonzero",
    summary="`nonzero()` has as many rows as the data has non-zero elements",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036",),
    calls=(
        "torch.nonzero",
        "torch.Tensor.nonzero",
        "torch.argwhere",
        "torch.Tensor.argwhere",
        "numpy.nonzero",
        "numpy.argwhere",
        "numpy.flatnonzero",
        "numpy.ndarray.nonzero",
    ),
    matrix=("ds_nonzero", "ds_moe_expert_hit_loop", "hs_tensor_len_zero"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` has a shape that depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="work under the mask instead of on its indices, or compile with fullgraph=True (torch 2.13 and later)",
    )

"""A collective is started with `async_op=True`.

## What it does
Finds collectives called with `async_op=True`. Plain `all_reduce`, `all_gather`, `reduce_scatter_tensor` and
`all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
The handle that comes back is an object outside the graph: the graph ends at the call and again at
`.wait()`.

## What to do
Drop `async_op=True` and the `wait()`; the compiler moves the wait of a functional collective to its first
use. Or use `torch.distributed._functional_collectives`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC501",
    name="async-collective",
    summary="a collective is started with `async_op=True`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0172", "GB0156", "GB0148"),
    calls=(
        "torch.distributed.all_reduce",
        "torch.distributed.all_gather",
        "torch.distributed.all_gather_into_tensor",
        "torch.distributed.reduce_scatter",
        "torch.distributed.reduce_scatter_tensor",
        "torch.distributed.all_to_all_single",
        "torch.distributed.broadcast",
        "torch.distributed.reduce",
        "torch.distributed.Work.wait",
    ),
    matrix=("dist_all_reduce_async_wait",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    flag = facts.argument(node, 99, "async_op")  # none at `wait`, which the call before it answers for
    if not (isinstance(flag, ast.Constant) and flag.value is True):
        return
    yield breaks(
        node,
        f"`{facts.source(node.func)}(..., async_op=True)` ends the graph, and so does waiting for it",
        facts,
        because=(facts.callee(node),),
        suggestion="drop `async_op=True`: the compiler overlaps collectives itself",
    )

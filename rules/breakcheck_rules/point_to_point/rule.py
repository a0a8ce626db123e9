"""Point-to-point communication is not traced.

## What it does
Finds `dist.send`, `recv`, `isend`, `irecv` and `batch_isend_irecv`. Plain `all_reduce`, `all_gather`,
`reduce_scatter_tensor` and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Dynamo has no traceable form for this collective: the graph ends at the call, the communication runs from
Python, and what could overlap with it does not.

## What to do
Send and receive between compiled stages, outside the compiled region, as `torch.distributed.pipelining`
does.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC507",
    name="point-to-point",
    summary="point-to-point communication is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0008", "GB0065", "GB9300", "GB2696", "GB1750", "GB0147", "GB0156"),
    calls=(
        "torch.distributed.send",
        "torch.distributed.recv",
        "torch.distributed.isend",
        "torch.distributed.irecv",
        "torch.distributed.batch_isend_irecv",
        "torch.distributed.P2POp",
    ),
    matrix=("dist_send_recv", "dist_isend_irecv", "dist_batch_isend_irecv"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="communicate between compiled stages, outside the compiled region",
    )

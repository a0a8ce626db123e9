"""`torch.distributed.nn.functional` is not traced since torch 2.13.

## What it does
Finds the differentiable collectives of `torch.distributed.nn`. Plain `all_reduce`, `all_gather`,
`reduce_scatter_tensor` and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
They were captured from torch 2.4 to 2.9; since 2.13 the whole frame that calls them runs eagerly.

## What to do
Write the autograd function yourself around `dist.all_reduce`, which is traced, or use
`torch.distributed._functional_collectives`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC512",
    name="differentiable-collective",
    summary="`torch.distributed.nn.functional` is not traced since torch 2.13",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB0088",),
    calls=(
        "torch.distributed.nn.functional.*",
        "torch.distributed.nn.all_reduce",
        "torch.distributed.nn.all_gather",
        "torch.distributed.nn.reduce_scatter",
        "torch.distributed.nn.all_to_all",
        "torch.distributed.nn.broadcast",
    ),
    matrix=("dist_nn_functional_all_reduce",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="use `torch.distributed._functional_collectives`",
    )

"""`dist.barrier` is not traced.

## What it does
Finds `torch.distributed.barrier`. Plain `all_reduce`, `all_gather`, `reduce_scatter_tensor` and
`all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Dynamo has no traceable form for this collective: the graph ends at the call, the communication runs from
Python, and what could overlap with it does not.

## What to do
Drop it: collectives already order the ranks. Synchronise outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC503",
    name="barrier",
    summary="`dist.barrier` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0008", "GB0065", "GB0147", "GB0156"),
    calls=("torch.distributed.barrier",),
    matrix=("dist_barrier",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="drop it, or synchronise outside the compiled region",
    )

"""`dist.gather` or `dist.scatter` is not traced.

## What it does
Finds `torch.distributed.gather` and `scatter`. Plain `all_reduce`, `all_gather`, `reduce_scatter_tensor`
and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Dynamo has no traceable form for this collective: the graph ends at the call, the communication runs from
Python, and what could overlap with it does not.

## What to do
Use `all_gather` or `reduce_scatter_tensor` and take this rank's part.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC505",
    name="gather-or-scatter",
    summary="`dist.gather` or `dist.scatter` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0008", "GB0065", "GB0147", "GB0156"),
    calls=("torch.distributed.gather", "torch.distributed.scatter"),
    matrix=("dist_scatter_gather",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="use `all_gather` and take this rank's part",
    )

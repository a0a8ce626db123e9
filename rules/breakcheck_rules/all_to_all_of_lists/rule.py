"""`dist.all_to_all` over lists is not traced.

## What it does
Finds `torch.distributed.all_to_all`, which takes lists of tensors. Plain `all_reduce`, `all_gather`,
`reduce_scatter_tensor` and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Dynamo has no traceable form for this collective: the graph ends at the call, the communication runs from
Python, and what could overlap with it does not.

## What to do
Concatenate and use `all_to_all_single`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC506",
    name="all-to-all-of-lists",
    summary="`dist.all_to_all` over lists is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0008", "GB0065", "GB0147", "GB0156"),
    calls=("torch.distributed.all_to_all",),
    matrix=("dist_all_to_all_list",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="concatenate and use `all_to_all_single`",
    )

"""`all_gather_into_tensor` without `group` is not traced before torch 2.9.

## What it does
Finds `dist.all_gather_into_tensor` without `group`. Plain `all_reduce`, `all_gather`,
`reduce_scatter_tensor` and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Dynamo has no traceable form for this collective: the graph ends at the call, the communication runs from
Python, and what could overlap with it does not.

## What to do
Pass `group=dist.group.WORLD`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC511",
    name="gather-without-group",
    summary="`all_gather_into_tensor` without `group` is not traced before torch 2.9",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1,<2.9",
    gb_ids=("GB0007", "GB0008"),
    calls=("torch.distributed.all_gather_into_tensor", "torch.distributed._all_gather_base"),
    matrix=("dist_all_gather_into_tensor", "dist_all_gather_base"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if facts.argument(node, 2, "group") is not None:
        return
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="pass `group=dist.group.WORLD`",
    )

"""A collective of Python objects fails under `torch.compile`.

## What it does
Finds `all_gather_object`, `broadcast_object_list` and their siblings. Plain `all_reduce`, `all_gather`,
`reduce_scatter_tensor` and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
The objects are pickled through tensors that Dynamo fakes. Up to torch 2.9 this was a graph break; since
2.13 the compiled call raises an internal error.

## What to do
Exchange objects before the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC509",
    name="object-collective",
    summary="a collective of Python objects fails under `torch.compile`",
    severity=Severity.ERROR,
    effects=(Effect.ERROR,),
    versions=">=2.13",
    gb_ids=("GB2078",),
    calls=(
        "torch.distributed.all_gather_object",
        "torch.distributed.broadcast_object_list",
        "torch.distributed.gather_object",
        "torch.distributed.scatter_object_list",
        "torch.distributed.send_object_list",
        "torch.distributed.recv_object_list",
    ),
    matrix=("dist_all_gather_object",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` fails under `torch.compile`",
        facts,
        because=(facts.callee(node),),
        suggestion="exchange objects before the compiled region",
    )

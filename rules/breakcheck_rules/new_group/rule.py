"""A process group is made in compiled code.

## What it does
Finds `dist.new_group`, `init_process_group` and `init_device_mesh`. Plain `all_reduce`, `all_gather`,
`reduce_scatter_tensor` and `all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Making a group is a rendezvous of all ranks: the graph ends there, and the new group object costs a
recompilation on the next call.

## What to do
Make process groups once, in `__init__` or before compiling.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC508",
    name="new-group",
    summary="a process group is made in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0008", "GB0065", "GB0147", "GB0092", "GB0156"),
    calls=(
        "torch.distributed.new_group",
        "torch.distributed.init_process_group",
        "torch.distributed.init_device_mesh",
        "torch.distributed.device_mesh.init_device_mesh",
        "torch.distributed.new_subgroups",
    ),
    matrix=("dist_new_group_in_forward",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` is a collective that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="make groups once, in `__init__`",
    )

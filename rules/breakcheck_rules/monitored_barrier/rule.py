"""`dist.monitored_barrier` fails under `torch.compile`.

## What it does
Finds `dist.monitored_barrier`. Plain `all_reduce`, `all_gather`, `reduce_scatter_tensor` and
`all_to_all_single` are captured from torch 2.4 on and are not reported.

## Why is this bad
Up to torch 2.9 this was a graph break; since 2.13 the compiled call raises an internal error.

## What to do
Synchronise outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC510",
    name="monitored-barrier",
    summary="`dist.monitored_barrier` fails under `torch.compile`",
    severity=Severity.ERROR,
    effects=(Effect.ERROR,),
    versions=">=2.13",
    gb_ids=("GB2078",),
    calls=("torch.distributed.monitored_barrier",),
    matrix=("dist_all_gather_object",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` fails under `torch.compile`",
        facts,
        because=(facts.callee(node),),
        suggestion="synchronise outside the compiled region",
    )

"""A function of torch that Dynamo does not look into.

## What it does
Finds `torch.utils.checkpoint.checkpoint_sequential`, `torch.lobpcg`, `torch.utils.data.get_worker_info`,
`torch.utils.swap_tensors`, `torch.masked.masked_tensor`, `torch.jit.isinstance`, `torch.jit.fork` and
`torch.autograd.Variable(...)`, which has done nothing since torch 0.4. `torch.utils.checkpoint.checkpoint` is
captured.

## Why is this bad
Dynamo skips the files of these functions (torch/_dynamo/trace_rules.py): the graph ends at the call.

## What to do
Call `checkpoint` for each part in a loop of your own; drop `Variable`; keep the others outside the
compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC462",
    name="skipped-torch-function",
    summary="a function of torch that Dynamo does not look into",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0007",),
    calls=(
        "torch.utils.checkpoint.checkpoint_sequential",
        "torch.lobpcg",
        "torch.utils.data.get_worker_info",
        "torch.utils.swap_tensors",
        "torch.masked.masked_tensor",
        "torch.jit.fork",
        "torch.jit.isinstance",
        "torch.autograd.Variable",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is skipped by Dynamo",
        facts,
        because=(facts.callee(node),),
        suggestion="call it outside the compiled region; `checkpoint` itself is captured",
    )

"""A `DataLoader` that ends with a smaller batch.

## What it does
Finds `DataLoader(...)` with a batch size and without `drop_last=True`, whatever part of the program it stands in.
Selected on request, for models that run on TPUs.

## Why is this bad
XLA compiles a program for exact shapes. The last batch of an epoch is smaller than the others unless their number
divides, so it compiles a second program, in the middle of training; under SPMD it may not divide over the mesh at all.

## What to do
Pass `drop_last=True`, or pad the last batch to full size and mask the padding in the loss.

## Fix safety
No fix is offered: dropping data changes what is trained or evaluated on.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC809",
    name="partial-last-batch",
    summary="a smaller last batch compiles a program of its own on XLA",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=("torch.utils.data.DataLoader",),
    applies=("xla",),
    default=False,
    host=True,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if any(keyword.arg is None for keyword in node.keywords):
        return  # `**options` may say it
    size = facts.argument(node, 1, "batch_size")
    batches = facts.argument(node, 4, "batch_sampler")
    dropped = facts.argument(node, 8, "drop_last")
    if size is None or batches is not None:
        return  # one row a batch, or the sampler's own batches
    if isinstance(size, ast.Constant) and size.value in (1, None):
        return
    if dropped is not None and not (isinstance(dropped, ast.Constant) and dropped.value is False):
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` keeps a smaller last batch, for which XLA compiles a program of its own",
        suggestion="pass `drop_last=True`, or pad the last batch",
    )

"""An optimiser or scheduler is used inside compiled code.

## What it does
Finds `optimizer.step()`, `optimizer.zero_grad()` and `scheduler.step()` of `torch.optim`.

## Why is this bad
Dynamo ends the graph at each of them: the methods are disabled or wrapped in hooks that are not traced.

## What to do
Compile the model and the loss; step outside. Where the step itself shall be compiled, compile a function
that holds nothing else.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC425",
    name="optimizer-step",
    summary="an optimiser or scheduler is used inside compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0025", "GB0008"),
    calls=("torch.optim.*",),
    matrix=("ag_optimizer_step",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if callee.name.rpartition(".")[2] not in ("step", "zero_grad"):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced",
        facts,
        because=(callee,),
        suggestion="compile the model and the loss, and step outside",
    )

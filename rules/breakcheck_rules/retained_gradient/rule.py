"""`retain_grad()` in compiled code.

## What it does
Finds `tensor.retain_grad()`. Reading `.grad` and `register_hook` are captured.

## Why is this bad
The gradient would have to leave the compiled backward pass: Dynamo ends the graph instead, or gives up the
frame.

## What to do
Return the tensor, and take its gradient outside with `torch.autograd.grad`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC446",
    name="retained-gradient",
    summary="`retain_grad()` in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0108",),
    calls=("torch.Tensor.retain_grad",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is refused by Dynamo",
        facts,
        because=(facts.callee(node),),
        suggestion="return the tensor and take its gradient outside",
    )

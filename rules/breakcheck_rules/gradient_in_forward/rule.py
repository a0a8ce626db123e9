"""`torch.autograd.grad` inside compiled code.

## What it does
Finds `torch.autograd.grad` and `torch.autograd.functional.jacobian`, `hessian`, `vjp` and their like.
`torch.func.grad`, `vjp`, `jacrev` are captured.

## Why is this bad
The derivative is taken by the autograd engine, from outside the graph: the graph ends there.

## What to do
Use `torch.func.grad` and its like, or set `torch._dynamo.config.trace_autograd_ops = True`, or take the
derivative outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC423",
    name="gradient-in-forward",
    summary="`torch.autograd.grad` inside compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB9186", "GB0055", "GB0007"),
    calls=("torch.autograd.grad", "torch.autograd.functional.*"),
    matrix=("ag_autograd_grad",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` asks the autograd engine, which is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="use `torch.func.grad`, or take the derivative outside the compiled region",
    )

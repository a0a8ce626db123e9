"""`backward()` inside compiled code.

## What it does
Finds `tensor.backward()` and `torch.autograd.backward(...)`.

## Why is this bad
The autograd engine runs outside the graph: the graph ends there.

## What to do
Compile the model and the loss, and call `backward()` on what they return: the backward pass of a compiled
region is compiled too.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC424",
    name="backward-in-forward",
    summary="`backward()` inside compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0123", "GB0007"),
    calls=("torch.Tensor.backward", "torch.autograd.backward"),
    matrix=("ag_backward_in_compiled",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` runs the autograd engine, which is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="compile the model and the loss, and call `backward()` outside",
    )

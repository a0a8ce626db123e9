"""Reading a tensor back to the host in a step that runs on XLA.

## What it does
Finds `.item()`, `.tolist()` and `.cpu()` on a tensor in code that a compiled region reaches. Selected on request,
for models that run on TPUs through torch_xla.

## Why is this bad
torch_xla records operations and runs them as one program. A value wanted on the host cuts the program there, runs
what was recorded, and waits for the transfer, on every call. Dynamo traces `.cpu()` without a word.

## What to do
Keep the value a tensor, or read it every few steps: an end-of-sequence check every 10 tokens wastes at most 9.

## Fix safety
No fix is offered: what should happen instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC801",
    name="read-back-on-xla",
    summary="a tensor read back to the host cuts the XLA program and waits",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=("torch.Tensor.item", "torch.Tensor.tolist", "torch.Tensor.cpu"),
    applies=("xla",),
    default=False,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield Problem(
        node,
        f"`{facts.source(node)}` cuts the XLA program and waits for a transfer to the host",
        because=(facts.callee(node),),
        suggestion="keep the value a tensor, or read it every few steps",
    )

"""`ctx.saved_variables` is not traced.

## What it does
Finds `saved_variables` of the context in the `backward` of a `torch.autograd.Function`.

## Why is this bad
It is the old name of `saved_tensors`, which Dynamo does not know: it sees nothing saved there, and the unpacking fails
while the `backward` is traced, which happens with the forward pass. The frame is given up.

## What to do
Read `ctx.saved_tensors`.

## Fix safety
Safe: torch returns the same tensors, without the warning.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC464",
    name="saved-variables",
    summary="`ctx.saved_variables` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0077", "GB0088"),
    nodes=(ast.Attribute,),
    attributes=("saved_variables",),
)


def match(node: ast.Attribute, facts: Facts) -> Iterator[Problem]:
    context = facts.value(node.value)
    if context.name != "torch.autograd.function.FunctionCtx":
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced",
        facts,
        because=(context,),
        suggestion=f"read `{facts.source(node.value)}.saved_tensors`",
    )

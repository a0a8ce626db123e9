"""`requires_grad` of a tensor is assigned in compiled code.

## What it does
Finds `tensor.requires_grad = ...`. `parameter.requires_grad_(False)` is captured.

## Why is this bad
The assignment changes the autograd graph from outside, which a compiled graph can't follow: it ends there,
even when the value stays what it was.

## What to do
Freeze parameters before the model is compiled; inside, use `.detach()` for a tensor that shall have no
gradient, or `requires_grad_()` on a parameter.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Reason, Rule, Severity, Value, breaks

RULE = Rule(
    code="BC420",
    name="requires-grad-assignment",
    summary="`requires_grad` of a tensor is assigned in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0206",),
    nodes=(ast.Attribute,),
    attributes=("requires_grad",),
)


def match(node: ast.Attribute, facts: Facts) -> Iterator[Problem]:
    if not isinstance(node.ctx, ast.Store):
        return
    owner = facts.value(node.value)
    if owner.kind is Kind.UNKNOWN and not owner.alts:  # no other object is known by this attribute
        reason = Reason(f"`{facts.source(node)}` is a tensor's attribute", facts.path, node.lineno)
        owner = Value(Kind.TENSOR, assumed=True, reasons=(reason,))
    if owner.kind is Kind.TENSOR:
        yield breaks(
            node,
            f"`{facts.source(node)}` is assigned, which a graph can't follow",
            facts,
            because=(owner,),
            suggestion="freeze parameters before compiling, or use `.detach()`",
        )

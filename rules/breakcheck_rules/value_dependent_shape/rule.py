"""A shape that depends on values, in a step that runs on XLA.

## What it does
Finds `nonzero`, `argwhere`, `masked_select`, `unique_consecutive`, `bincount` and reading through a boolean mask in code
that a compiled region reaches. Selected on request, for models that run on TPUs through torch_xla.

## Why is this bad
XLA programs have fixed shapes. torch_xla runs such an op on the host, waits for it, and compiles a program for what
follows at every new size; `torch.compile(backend="openxla")` and the ahead-of-time compiler refuse it.

## What to do
Keep the full shape and mask: `torch.where`, a multiplication by the mask, a sum over it.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Callee, Effect, Facts, Kind, Problem, Rule, Severity, Value

_OPS = ("nonzero", "argwhere", "masked_select", "unique_consecutive", "bincount")
_CALLS = (*(f"torch.{name}" for name in _OPS), *(f"torch.Tensor.{name}" for name in _OPS))

RULE = Rule(
    code="BC806",
    name="value-dependent-shape",
    summary="a shape that depends on values leaves the XLA program and compiles another for each size",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=_CALLS,
    nodes=(ast.Subscript,),
    applies=("xla",),
    default=False,
)


def match(node: ast.Call | ast.Subscript, facts: Facts) -> Iterator[Problem]:
    because: tuple[Callee | Value, ...]
    if isinstance(node, ast.Call):
        because = (facts.callee(node),)
    else:
        holder, index = facts.value(node.value), facts.value(node.slice)
        masks = index.kind is Kind.TENSOR and index.dtype == "bool"
        if not isinstance(node.ctx, ast.Load) or holder.kind is not Kind.TENSOR or not masks:
            return
        because = (holder, index)
    yield Problem(
        node,
        f"`{facts.source(node)}` has a shape that depends on values, which no XLA program can have",
        because=because,
        suggestion="keep the full shape and mask it",
    )

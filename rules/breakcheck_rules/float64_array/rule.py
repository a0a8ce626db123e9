"""Making a float64 tensor in a step that runs on a TPU.

## What it does
Finds `.double()`, `.to(torch.float64)` and `dtype=torch.float64` (or `torch.double`) in code that a compiled region
reaches. Selected on request, for models that run on TPUs.

## Why is this bad
A TPU has no float64 unit: XLA emulates it, many times slower, and compiles it without a word.

## What to do
Compute tables in float64 beforehand, on the host, and keep float32 or bfloat16 in the step.

## Fix safety
No fix is offered: the numbers change with the dtype.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

_DOUBLE = ("torch.float64", "torch.double")

RULE = Rule(
    code="BC804",
    name="float64-array",
    summary="float64 on a TPU is emulated",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=("torch.*",),
    applies=("xla",),
    default=False,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "dtype")]
    named = any(
        isinstance(argument, ast.Attribute) and ast.unparse(argument) in _DOUBLE for argument in given
    )
    if callee.name != "torch.Tensor.double" and not named:
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` makes a float64 tensor, which a TPU emulates",
        because=(callee,),
        suggestion="compute it beforehand on the host, or in float32",
    )

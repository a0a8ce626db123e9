"""A branch on a tensor that only runs in half precision.

## What it does
Finds `x.dtype == torch.float16 and <tensor condition>`: overflow guards that read data only when the model
runs in half precision. Off by default: in float32 nothing breaks. Select it for models that you run in
float16 or bfloat16.

## Why is this bad
In half precision it is a branch on a tensor like any other: the graph ends there and the host waits, once a
layer.

## What to do
Clamp without asking: `torch.clamp` to the largest finite value changes nothing where all is finite.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, asked_for_truth, breaks

RULE = Rule(
    code="BC117",
    name="half-precision-branch",
    summary="a branch on a tensor that only runs in half precision",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170",),
    nodes=(ast.BoolOp,),
    matrix=("hs_if_any",),
    default=False,
)


def match(node: ast.BoolOp, facts: Facts) -> Iterator[Problem]:
    guarded = False
    for part in asked_for_truth(node) if isinstance(node.op, ast.And) else ():
        value = facts.value(part)
        if guarded and value.kind is Kind.TENSOR:
            yield breaks(
                part,
                f"branch on `{facts.source(part)}` in half precision reads a tensor",
                facts,
                because=(value,),
                suggestion="clamp without asking whether it is needed",
            )
            return
        guarded = guarded or (
            isinstance(part, ast.Compare)
            and isinstance(part.ops[0], ast.Eq)
            and facts.source(part.comparators[0]) in ("torch.float16", "torch.half", "torch.bfloat16")
        )

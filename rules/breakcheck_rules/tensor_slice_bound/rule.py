"""A slice is bounded by a tensor.

## What it does
Finds `x[:t]`, `x[a:b]` and `x[:, ::t]` where a bound is a tensor, reads and writes alike.

## Why is this bad
A slice needs Python numbers, so the bound is read back; since it also sets the length of the result, the
frame is given up as a whole.

## What to do
Mask what lies beyond the bound: `torch.arange(n) < t`; or take the bound as a Python int from outside the
compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC208",
    name="tensor-slice-bound",
    summary="a slice is bounded by a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0124", "GB0033", "GB0213", "GB0038"),
    nodes=(ast.Slice,),
    matrix=("ds_slice_tensor", "hs_item_index"),
)


def match(node: ast.Slice, facts: Facts) -> Iterator[Problem]:
    for bound in (node.lower, node.upper, node.step):
        if bound is None:
            continue
        value = facts.value(bound)
        if value.kind in (Kind.TENSOR, Kind.NDARRAY) and not value.is_numpy_number:
            yield breaks(
                bound,
                f"slice bound `{facts.source(bound)}` is a tensor, read back to Python",
                facts,
                because=(value,),
                suggestion="mask with `torch.arange(n) < bound`, or take the bound as a Python int",
            )
            return

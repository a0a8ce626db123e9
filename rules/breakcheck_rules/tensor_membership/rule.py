"""`in` compares a tensor with the members of a list.

## What it does
Finds `t in [1, 2, 3]` and `t not in stop_ids` where `t` is a tensor, and `3 in t`.

## Why is this bad
Membership asks each comparison for its truth, one read of the tensor per member; of a tensor it reads the answer once.

## What to do
Use `torch.isin(t, ids)` with a tensor of ids, or `(t == 3).any()`, and keep the result a tensor.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC109",
    name="tensor-membership",
    summary="`in` compares a tensor with the members of a list",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170", "GB0033", "GB0124"),
    nodes=(ast.Compare,),
    matrix=("hs_tensor_in_list",),
)


def match(node: ast.Compare, facts: Facts) -> Iterator[Problem]:
    if not isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return
    value, holder = facts.value(node.left), facts.value(node.comparators[0])
    if holder.kind is Kind.TENSOR:
        value = holder
    elif value.kind is not Kind.TENSOR or holder.kind is not Kind.CONTAINER:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` compares a tensor with each member",
        facts,
        because=(value,),
        suggestion="use `torch.isin` and keep the result a tensor",
    )

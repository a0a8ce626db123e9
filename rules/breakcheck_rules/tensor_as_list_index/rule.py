"""A Python list, tuple or ModuleList is indexed by a tensor.

## What it does
Finds `items[t]` where `items` is a list, a tuple or a `ModuleList` and `t` a tensor.

## Why is this bad
A Python sequence needs a Python index, so the tensor is read back, which ends the graph and specialises the
next one on the value.

## What to do
Keep the table a tensor and gather from it (`table[t]`, `torch.index_select`); for modules compute all and
select, or choose outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC112",
    name="tensor-as-list-index",
    summary="a Python list, tuple or ModuleList is indexed by a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0124", "GB0033", "GB0070", "GB0281"),
    nodes=(ast.Subscript,),
    matrix=("hs_tensor_index_list",),
)


def match(node: ast.Subscript, facts: Facts) -> Iterator[Problem]:
    index = facts.value(node.slice)
    if index.kind is not Kind.TENSOR or isinstance(node.slice, (ast.Slice, ast.Tuple)):
        return
    holder = facts.value(node.value)
    if holder.kind is Kind.CONTAINER and holder.name != "dict":
        what = "Python sequence"
    elif holder.kind is Kind.MODULE and holder.name in ("torch.nn.ModuleList", "torch.nn.Sequential"):
        what = "list of modules"
    else:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` reads a tensor back to index a {what}",
        facts,
        because=(index, holder),
        suggestion="keep the table a tensor and gather from it, or choose outside the compiled region",
    )

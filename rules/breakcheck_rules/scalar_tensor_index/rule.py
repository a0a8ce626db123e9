"""A tensor is indexed by a 0-d tensor computed in the graph.

## What it does
Finds `x[t]`, `x[0, t]` and assignments to them where `t` is an integer tensor without dimensions:
`x[scores.argmax()]`, `x[:, order[i]]` of an `order` with one dimension, `x[tuple(place)]`. A tensor with one
element and one dimension is fine.

## Why is this bad
Indexing by a 0-d tensor selects one element, for which the index is read back to Python.

## What to do
Give the index a dimension: `argmax(keepdim=True)`, `ids[i : i + 1]`, then `squeeze`; or
`torch.index_select`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks, rank_of

RULE = Rule(
    code="BC211",
    name="scalar-tensor-index",
    summary="a tensor is indexed by a 0-d tensor computed in the graph",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0033",),
    nodes=(ast.Subscript,),
    matrix=("hs_index_0d_tensor", "hs_index_1elem_tensor"),
)


def match(node: ast.Subscript, facts: Facts) -> Iterator[Problem]:
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for index in indices:
        given, rank = _elements(index, facts)
        value = facts.value(given)
        if value.kind is not Kind.TENSOR or value.dtype in ("bool", "float") or rank_of(given, facts) != rank:
            continue
        holder = facts.value(node.value)
        if holder.kind is not Kind.TENSOR:
            continue
        yield breaks(
            node,
            f"`{facts.source(node)}` reads the 0-d tensor `{facts.source(index)}` back to Python"
            if rank == 0
            else f"`{facts.source(node)}` reads the elements of `{facts.source(given)}` back to Python",
            facts,
            because=(value, holder),
            suggestion="give the index a dimension (`keepdim=True`, `.unsqueeze(0)`) or use `torch.index_select`",
        )
        return


def _elements(index: ast.expr, facts: Facts) -> tuple[ast.expr, int]:
    """The tensor that indexes and how many dimensions it must have: in `x[tuple(t)]` each element of `t` is an index."""
    if isinstance(index, ast.Call) and len(index.args) == 1 and facts.callee(index).name == "builtins.tuple":
        return index.args[0], 1
    return index, 0

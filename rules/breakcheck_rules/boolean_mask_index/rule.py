"""Reading through a boolean mask gives a shape that depends on data.

## What it does
Finds `x[mask]` where `mask` is a boolean tensor and the result is read, also as the target of `x[mask] +=
1`. Where nothing says the dtype of the tensor, its being called a mask, or boolean in the docstring, is taken for it
(and the finding is `likely`). Plain assignment, `x[mask] = value`, keeps its shape and is not reported.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Keep the full shape: `torch.where(mask, x, 0)`, `x * mask`, `masked_fill`, `masked_scatter`; divide sums by
`mask.sum()` instead of taking the mean of a selection. `fullgraph=True` captures the shape since torch
2.13.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, assumption, breaks

RULE = Rule(
    code="BC203",
    name="boolean-mask-index",
    summary="reading through a boolean mask gives a shape that depends on data",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036", "GB0033"),
    nodes=(ast.Subscript,),
    matrix=("ds_bool_mask_index", "ds_bool_mask_assign", "ds_bool_mask_assign_tensor"),
)


# Methods that leave a tensor's dtype as it is: `x[mask.view(-1)]`.
_RESHAPED = frozenset(("contiguous", "expand", "flatten", "reshape", "squeeze", "to", "unsqueeze", "view"))


def match(node: ast.Subscript, facts: Facts) -> Iterator[Problem]:
    if not isinstance(node.ctx, ast.Load) and not _augmented(node, facts):
        return
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for index in indices:
        value = facts.value(index)
        if value.kind not in (Kind.TENSOR, Kind.NDARRAY):
            continue
        said = () if value.dtype else _said_to_be_a_mask(index, facts)
        if value.dtype != "bool" and not said:
            continue
        holder = facts.value(node.value)
        if holder.kind is Kind.CONTAINER:
            continue
        yield breaks(
            node,
            f"`{facts.source(node)}` selects by the boolean mask `{facts.source(index)}`: its shape depends on data",
            facts,
            because=(value, holder, *said),
            suggestion="keep the full shape under the mask (`torch.where`, `masked_fill`, multiplication)",
        )
        return


def _said_to_be_a_mask(index: ast.expr, facts: Facts) -> tuple[Value, ...]:
    """That an index of no known dtype is boolean, where its name or the docstring of its parameter says so.

    An integer tensor of zeros and ones selects nothing: whoever indexes with a mask, or with `~t`, means a boolean one.
    """
    while (
        isinstance(index, ast.Call) and isinstance(index.func, ast.Attribute) and index.func.attr in _RESHAPED
    ):
        index = index.func.value
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert):
        return (assumption("what is inverted is taken to be boolean", index, facts),)
    name = index.attr if isinstance(index, ast.Attribute) else index.id if isinstance(index, ast.Name) else ""
    if name.lower().rpartition("_")[2] in ("mask", "masks"):
        return (assumption("a mask is taken to be boolean", index, facts),)
    function = facts.function(index) if isinstance(index, ast.Name) else None
    if not isinstance(function, ast.FunctionDef):
        return ()
    lines = [line.strip() for line in (ast.get_docstring(function) or "").splitlines()]
    described = [
        pair for pair in zip(lines, [*lines[1:], ""], strict=False) if pair[0].startswith(f"{name} (")
    ]
    if not any("bool" in part.lower() for pair in described for part in pair):
        return ()
    return (assumption("boolean, as the docstring says", index, facts),)


def _augmented(node: ast.Subscript, facts: Facts) -> bool:
    """Whether the node is read and written at once: `x[mask] += 1`."""
    parent = facts.parent(node)
    return isinstance(parent, ast.AugAssign) and parent.target is node

"""`out=` is given a view that is not contiguous, or an empty tensor.

## What it does
Finds `out=` of a torch function with columns of a tensor (`y[:, :n]`), a transposed tensor, or
`torch.empty(0)`. A fresh contiguous tensor of the right shape, and leading rows (`y[:n]`), are captured.

## Why is this bad
Dynamo turns `out=` into a copy, and refuses where the target's strides or shape would have to change: the
graph ends there.

## What to do
Use the result, or write it with `y[:, :n] = ...`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC428",
    name="out-view",
    summary="`out=` is given a view that is not contiguous, or an empty tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.6",
    gb_ids=("GB0242", "GB0247"),
    calls=("torch.*",),
    matrix=("ag_out_kwarg_view", "ag_out_kwarg_input_resize", "ag_out_kwarg"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    target = facts.argument(node, -1, "out")
    if target is None or not facts.value(target).is_tensor:
        return
    if _strided(target) or _empty(target, facts):
        yield breaks(
            node,
            f"`{facts.source(node)}` writes into `{facts.source(target)}`, whose layout or shape does not fit",
            facts,
            because=(facts.callee(node), facts.value(target)),
            suggestion="assign the result: `y[:, :n] = ...`",
        )


def _strided(target: ast.expr) -> bool:
    """Whether the expression is a view that leaves gaps between rows, or swaps dims."""
    if isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute):
        return target.func.attr in ("t", "transpose", "permute", "swapaxes", "movedim")
    if isinstance(target, ast.Attribute):
        return target.attr in ("T", "mT", "H", "mH")
    if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Tuple):
        return False
    first, *rest = target.slice.elts
    whole_first = isinstance(first, ast.Slice) or (isinstance(first, ast.Constant) and first.value is ...)
    return whole_first and any(_cuts(index) for index in rest)


def _cuts(index: ast.expr) -> bool:
    """Whether an index takes part of its dim."""
    if isinstance(index, ast.Slice):
        return index.lower is not None or index.upper is not None or index.step is not None
    return isinstance(index, ast.Constant) and isinstance(index.value, int)


def _empty(target: ast.expr, facts: Facts) -> bool:
    """Whether the expression is `torch.empty(0)` or its like, made on the spot."""
    return (
        isinstance(target, ast.Call)
        and facts.callee(target).name in ("torch.empty", "torch.zeros")
        and bool(target.args)
        and isinstance(target.args[0], ast.Constant)
        and target.args[0].value == 0
    )

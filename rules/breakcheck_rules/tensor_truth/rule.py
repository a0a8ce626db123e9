"""`not`, `and`, `or`, `any()` or `all()` asks a tensor for its truth outside a condition.

## What it does
Finds `not t`, `t and u`, `t or default`, `0 < t < 1`, `any(...)` and `all(...)` over tensors where they make a
value rather than steer an `if`.

## Why is this bad
Python turns the tensor into `True` or `False` on the spot: `not t` gives up the whole frame (torch 2.4 and
later), the others end the graph.

## What to do
Use the tensor forms: `~t` or `t.logical_not()`, `t & u`, `t | u`, `torch.stack(parts).any()`. For a default
argument write `x if x is not None else default`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC107",
    name="tensor-truth",
    summary="`not`, `and`, `or`, `a < t < b`, `any()` or `all()` asks a tensor for its truth outside a condition",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170", "GB0033", "GB8335", "GB0035"),
    calls=("builtins.any", "builtins.all"),
    nodes=(ast.BoolOp, ast.UnaryOp, ast.Compare),
    matrix=("hs_and_or_not",),
)


def match(node: ast.BoolOp | ast.UnaryOp | ast.Compare | ast.Call, facts: Facts) -> Iterator[Problem]:
    asked = _asked(node, facts)
    if asked is None:
        return
    value = facts.value(asked)
    kind = value.element.kind if value.element is not None and isinstance(node, ast.Call) else value.kind
    if kind in (Kind.TENSOR, Kind.NDARRAY):
        yield breaks(
            node,
            f"`{facts.source(node)}` asks a tensor for its truth",
            facts,
            because=(value,),
            suggestion="use `~`, `&`, `|`, `.any()` or `.all()`, which stay tensors",
        )


def _asked(node: ast.BoolOp | ast.UnaryOp | ast.Compare | ast.Call, facts: Facts) -> ast.expr | None:
    """The operand whose truth is asked, None where a condition's own rule speaks or nothing asks."""
    if isinstance(node, ast.Call):
        return node.args[0] if len(node.args) == 1 else None
    asked: ast.expr | None
    if isinstance(node, ast.Compare):
        # `0 < t < 1` is `0 < t and t < 1`: the truth of all but the last comparison is asked.
        plain = len(node.ops) > 1 and not any(
            isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops
        )
        asked = next(
            (part for part in (node.left, *node.comparators[:-1]) if plain and _tensor(part, facts)), None
        )
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.op, ast.Not):
            return None
        asked = node.operand
        while isinstance(asked, ast.UnaryOp) and isinstance(asked.op, ast.Not):
            asked = asked.operand  # `not not x` asks x
    elif isinstance(node.values[-1], (ast.Dict, ast.List, ast.Tuple)):
        return None  # `cache or {}`: no tensor, whatever it is annotated as
    else:
        asked = next((part for part in node.values[:-1] if _tensor(part, facts)), None)
    return None if asked is None or _in_condition(node, facts) else asked


def _tensor(node: ast.expr, facts: Facts) -> bool:
    return facts.value(node).kind in (Kind.TENSOR, Kind.NDARRAY)


def _in_condition(node: ast.expr, facts: Facts) -> bool:
    """Whether the truth of `node` steers a statement or belongs to a larger and/or/not, reported there."""
    child: ast.AST = node
    parent = facts.parent(node)
    if isinstance(parent, (ast.BoolOp, ast.UnaryOp)):
        return not isinstance(parent, ast.UnaryOp) or isinstance(parent.op, ast.Not)
    if isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)):
        return parent.test is child
    return isinstance(parent, ast.comprehension)

"""Tensors are ordered in Python.

## What it does
Finds `sorted` over tensors without a key, and `min` and `max` with a `key` over tensors. `max(a, b)` of two
tensors and `sorted(parts, key=len)` are captured.

## Why is this bad
Python asks each comparison of tensors for its truth, so Dynamo ends the graph there; and `min` and `max`
with a `key` it traces over constants alone, whatever the key gives.

## What to do
Stack the tensors and use `torch.sort`, `topk` or `argmax`; order by sizes, which are known.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, breaks

RULE = Rule(
    code="BC119",
    name="sort-by-tensor",
    summary="tensors are ordered in Python",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0207", "GB0193", "GB0170", "GB0059"),
    calls=("builtins.sorted", "builtins.max", "builtins.min"),
)


def _by_tensor(node: ast.Call, facts: Facts) -> Value | None:
    """The tensor by which the call orders, or among which `max` and `min` choose by a `key`, whatever the key gives."""
    key = next((keyword.value for keyword in node.keywords if keyword.arg == "key"), None)
    if not node.args:
        return None
    value = facts.value(node.args[0])
    if facts.callee(node).name == "builtins.sorted":
        if key is None and value.kind is Kind.TENSOR:
            return value  # its elements are ordered
        if key is not None:
            return None  # sorted(parts, key=len) orders by sizes
    elif key is None:
        return None  # max(a, b) of tensors is traced
    element = None if value.name == "dict" else value.element  # whose keys are ordered
    return element if element is not None and element.kind is Kind.TENSOR else None


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    value = _by_tensor(node, facts)
    if value is None:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` orders tensors in Python",
        facts,
        because=(value,),
        suggestion="stack and use `torch.sort` or `argmax`",
    )

"""A tensor or module is copied by `copy`.

## What it does
Finds `copy.deepcopy` of a tensor, a module or a container of tensors, and `copy.copy` of a tensor. Copies
of plain Python objects are captured since torch 2.13.

## Why is this bad
The copy protocol of tensors is not traced, so the graph ends there.

## What to do
Use `.clone()` for a tensor, `[t.clone() for t in items]` for a list; make copies of modules in `__init__`.

## Fix safety
`copy.deepcopy(t)` becomes `t.clone()` where `t` is known to be a tensor. Unlike `deepcopy`, `clone` stays
in the autograd graph, so the edit is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, breaks

RULE = Rule(
    code="BC316",
    name="deepcopy-of-tensor",
    summary="a tensor or module is copied by `copy`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB4198", "GB0208", "GB0179"),
    calls=("copy.deepcopy", "copy.copy"),
    matrix=("se_deepcopy_tensor", "se_deepcopy_module", "se_deepcopy_list", "se_copy_copy"),
)


def _holds_tensor(value: Value, deep: bool) -> bool:
    """Whether copying the value copies a tensor: itself, a module's parameters, or members of a container."""
    if value.kind is Kind.TENSOR:
        return True
    if not deep:
        return False
    members = value.items or ((value.element,) if value.element is not None else ())
    return value.kind is Kind.MODULE or any(member.kind is Kind.TENSOR for member in members)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    argument = facts.argument(node, 0, "x")
    if argument is None:
        return
    value = facts.value(argument)
    deep = facts.callee(node).name == "copy.deepcopy"
    if not _holds_tensor(value, deep):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` copies a tensor through Python's copy protocol",
        facts,
        because=(facts.callee(node), value),
        suggestion="use `.clone()`; build module copies in `__init__`",
    )

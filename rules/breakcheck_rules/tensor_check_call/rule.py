"""A checking function reads a tensor's value.

## What it does
Finds `torch._check_tensor_all(t)`, `torch.testing.assert_close(t, ...)`, and `torch._assert(t, ...)` (captured from
torch 2.15 on).

## Why is this bad
The check reads the tensor's value to decide whether to raise: the graph ends on every call.

## What to do
Use `torch._assert_async(t, message)`, which stays in the graph, or check only when `not
torch.compiler.is_compiling()`.

## Fix safety
`torch._assert(t, message)` becomes `torch._assert_async(t, message)`: it raises at the same condition,
later and with another exception type, so the edit is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC115",
    name="tensor-check-call",
    summary="a checking function reads a tensor's value",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0124", "GB0033", "GB0170"),
    calls=(
        *("torch._check_tensor_all", "torch._check_tensor_all_with", "torch._assert"),
        "torch.testing.assert_close",
    ),
    matrix=("hs_torch_assert",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    name = facts.callee(node).name
    place = 1 if name == "torch._check_tensor_all_with" else 0  # its first argument is the error's type
    keyword = {"torch._assert": "condition", "torch.testing.assert_close": "actual"}.get(name, "cond")
    condition = facts.argument(node, place, keyword)
    if condition is None:
        return
    value = facts.value(condition)
    if value.kind is Kind.TENSOR:
        yield breaks(
            node,
            f"`{facts.source(node)}` reads a tensor's value to decide whether to raise",
            facts,
            because=(facts.callee(node), value),
            suggestion="use `torch._assert_async`, or check only when `not torch.compiler.is_compiling()`",
        )

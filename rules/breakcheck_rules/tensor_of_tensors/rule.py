"""`torch.as_tensor` is given a list of tensors.

## What it does
Finds `torch.as_tensor([a, b])`, `torch.asarray`, `torch.Tensor([a, b])`, `torch.LongTensor` and the other constructors,
and `x.new([a, b])`, where the list, or a list in it, holds tensors.

## Why is this bad
Eager reads each element's value. Dynamo hands the list to the function with tensors that have none, and **the compiled
call raises**: "RuntimeError when making fake tensor call". `torch.tensor([a, b])` is captured, as it is a function that
Dynamo knows.

## What to do
`torch.stack([a, b])`, which also keeps the gradient and does not wait for the device; or `torch.tensor([a, b])`.

## Fix safety
No fix is offered: `torch.stack` takes no numbers, and keeps dimensions of one element that `as_tensor` drops.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, breaks

_CLASSES = ("", "Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")

RULE = Rule(
    code="BC466",
    name="tensor-of-tensors",
    summary="`torch.as_tensor` or a tensor's class is given a list of tensors",
    severity=Severity.ERROR,
    effects=(Effect.ERROR,),
    versions=">=2.9",
    calls=(
        "torch.as_tensor",
        "torch.asarray",
        "torch.Tensor.new",
        *(f"torch.{name}Tensor" for name in _CLASSES),
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if not node.args or isinstance(node.args[0], ast.Starred):
        return
    held = _tensor_in(facts.value(node.args[0]))
    if held is None:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` raises under `torch.compile`: the list holds tensors",
        facts,
        because=(facts.callee(node), held),
        suggestion="write `torch.stack(...)`, or `torch.tensor(...)`",
    )


def _tensor_in(value: Value) -> Value | None:
    """The first tensor that a list or tuple, or one in it, is known to hold."""
    for held in value.items or (value.element,):
        if held is None:
            continue
        found = held if held.kind is Kind.TENSOR else _tensor_in(held)
        if found is not None:
            return found
    return None

"""`int()`, `float()` or `bool()` of a tensor reads its value back to Python.

## What it does
Finds `int(t)`, `float(t)`, `bool(t)`, `complex(t)` and `map(int, t)` where `t` is a tensor or an array made from one.

## Why is this bad
The value must come back to Python, so Dynamo ends the graph there, runs it, waits for the device, and goes
on in a second graph. Inside a `for` body, a `try` or a generator expression the whole frame runs eagerly instead.

## What to do
Keep the value a tensor, or read it outside the compiled region. From torch 2.13 on, `fullgraph=True`
captures the read, at the price of the sync and a split CUDA graph. `bool(t)` is a branch in waiting and is
captured by no setting: use `torch.where`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

_READERS = ("builtins.int", "builtins.float", "builtins.bool", "builtins.complex")
_METHODS = tuple(f"torch.Tensor.__{name}__" for name in ("int", "float", "bool", "index", "complex"))

RULE = Rule(
    code="BC103",
    name="tensor-to-scalar",
    summary="`int()`, `float()` or `bool()` of a tensor reads its value back to Python",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0124", "GB0033", "GB0059"),
    calls=(*_READERS, "builtins.map", "operator.index", *_METHODS),
    matrix=("hs_int", "hs_float", "hs_bool", "np_detach_cpu_numpy", "hs_dict_key_tensor"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    name = facts.callee(node).name
    if name == "builtins.map":
        yield from _mapped(node, facts)
        return
    given = node.func.value if name in _METHODS and isinstance(node.func, ast.Attribute) else None
    if given is None:
        if not node.args:
            return
        given = node.args[0]
    value = facts.value(given)
    if value.kind not in (Kind.TENSOR, Kind.NDARRAY):
        return
    if value.kind is Kind.NDARRAY and (isinstance(given, ast.Attribute) or value.dtype == "float"):
        return  # a number that a constructor left, or one computed of plain numbers: Dynamo knows its value
    yield breaks(
        node,
        f"`{facts.source(node)}` reads a tensor value back to Python and ends the graph",
        facts,
        because=(facts.callee(node), value),
        suggestion="keep the value a tensor (`.to(dtype)` converts without reading), or read it outside the compiled region",
    )


def _mapped(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    """`map(int, lengths)` over a tensor, or over a sequence of tensors."""
    if len(node.args) != 2 or facts.value(node.args[0]).name not in _READERS:
        return
    value = facts.value(node.args[1])
    if value.name == "dict":
        return  # whose keys are read
    given = value if value.kind is Kind.TENSOR else value.element
    if given is not None and given.kind is Kind.TENSOR:
        yield breaks(
            node,
            f"`{facts.source(node)}` reads each element back to Python and ends the graph",
            facts,
            because=(value, given),
            suggestion="keep the values a tensor, or read them outside the compiled region",
        )

"""A tensor factory is given `requires_grad=True`.

## What it does
Finds `torch.ones(..., requires_grad=True)`, `torch.tensor(..., requires_grad=True)` and the other
factories, also where `True` is a parameter's default that the caller leaves, or where the module's own `training` is given.

## Why is this bad
A new leaf of the autograd graph can't be made inside a compiled one: the graph ends there.

## What to do
Leave the keyword out where no gradient of the new tensor is read, else make the tensor outside and pass it
in.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import (
    Effect,
    Facts,
    Kind,
    Problem,
    Rule,
    Severity,
    Value,
    assumption,
    breaks,
    defaults,
    is_given,
)

FACTORIES = tuple(
    f"torch.{name}"
    for name in (
        *("arange", "empty", "empty_like", "eye", "full", "full_like", "linspace", "normal", "ones"),
        *("ones_like", "rand", "rand_like", "randn", "randn_like", "tensor", "zeros", "zeros_like"),
    )
)

RULE = Rule(
    code="BC422",
    name="leaf-made-in-forward",
    summary="a tensor factory is given `requires_grad=True`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0225",),
    calls=FACTORIES,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, -1, "requires_grad")
    if given is None:
        return
    granted = _granted(given, facts)
    if granted or facts.value(given).const is True:
        yield breaks(
            node,
            f"`{facts.source(node)}` makes a leaf of the autograd graph, which a graph can't",
            facts,
            because=(facts.callee(node), *granted),
            suggestion="leave `requires_grad=True` out, or make the tensor outside and pass it in",
        )


def _granted(given: ast.expr, facts: Facts) -> tuple[Value, ...]:
    """What is taken for granted where a flag is given that may be true: of a module, of a tensor, or a parameter's."""
    if isinstance(given, ast.Attribute):
        owner = facts.value(given.value)
        if given.attr == "training" and owner.kind is Kind.MODULE:
            return (assumption("taken to be in training mode", given, facts),)
        if given.attr == "requires_grad" and owner.kind is Kind.TENSOR:
            return (assumption("taken for a tensor that needs its gradient", given, facts),)
    elif (
        isinstance(given, ast.Name)
        and facts.value(given).kind is not Kind.CONST
        and _true_unless_said(given, facts)
    ):
        return (assumption("taken for its default", given, facts),)
    return ()


def _true_unless_said(name: ast.Name, facts: Facts) -> bool:
    """Whether a name is a parameter whose default is `True`."""
    function = facts.function(name)
    if function is None or not is_given(name, facts):
        return False
    default = defaults(function).get(name.id)
    return isinstance(default, ast.Constant) and default.value is True

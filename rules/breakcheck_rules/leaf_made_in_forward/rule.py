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

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, assumption, breaks

RULE = Rule(
    code="BC422",
    name="leaf-made-in-forward",
    summary="a tensor factory is given `requires_grad=True`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0225",),
    calls=("torch.*",),
)

FACTORIES = frozenset(
    (
        *("arange", "empty", "empty_like", "eye", "full", "full_like", "linspace", "normal", "ones"),
        *("ones_like", "rand", "rand_like", "randn", "randn_like", "tensor", "zeros", "zeros_like"),
    )
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if callee.name.removeprefix("torch.") not in FACTORIES:
        return
    given = facts.argument(node, -1, "requires_grad")
    training = _training_flag(given, facts)
    if given is not None and (training or facts.value(given).const is True):
        yield breaks(
            node,
            f"`{facts.source(node)}` makes a leaf of the autograd graph, which a graph can't",
            facts,
            because=(callee, *training),
            suggestion="leave `requires_grad=True` out, or make the tensor outside and pass it in",
        )


def _training_flag(given: ast.expr | None, facts: Facts) -> tuple[Value, ...]:
    """That a module trains, where its `training` is what is given."""
    if not isinstance(given, ast.Attribute) or given.attr != "training":
        return ()
    owner = facts.value(given.value)
    return (assumption("taken to be in training mode", given, facts),) if owner.kind is Kind.MODULE else ()

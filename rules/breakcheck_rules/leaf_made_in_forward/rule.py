"""A tensor factory is given `requires_grad=True`.

## What it does
Finds `torch.ones(..., requires_grad=True)`, `torch.tensor(..., requires_grad=True)` and the other
factories.

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

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

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
    if isinstance(given, ast.Constant) and given.value is True:
        yield breaks(
            node,
            f"`{facts.source(node)}` makes a leaf of the autograd graph, which a graph can't",
            facts,
            because=(callee,),
            suggestion="leave `requires_grad=True` out, or make the tensor outside and pass it in",
        )

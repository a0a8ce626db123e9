"""The same tensor is passed twice to an `autograd.Function`.

## What it does
Finds `Function.apply(x, x, ...)`: two arguments that are the same name or attribute, or names for the same
tensor. It breaks only where some argument needs a gradient, which is taken for granted.

## Why is this bad
Dynamo traces the function once and gives each input a gradient of its own. It can't tell two inputs apart that
are one tensor: the graph ends there.

## What to do
Give the function the tensor once, and let its `backward` return the sum of the two gradients; or pass a copy
that needs no gradient (`x.detach()`) where the second use needs none.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, assumption, breaks, walk

RULE = Rule(
    code="BC449",
    name="tensor-passed-twice",
    summary="the same tensor is passed twice to an `autograd.Function`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB6297",),
    calls=("torch.autograd.Function.apply",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    seen: set[str] = set()
    for argument in node.args:
        value = facts.value(argument)
        if value.kind is not Kind.TENSOR or not isinstance(argument, (ast.Name, ast.Attribute)):
            continue
        text = ast.dump(_source(argument, facts))
        if text in seen:
            yield breaks(
                node.func,
                f"`{facts.source(argument)}` is passed twice, and each input must be a tensor of its own",
                facts,
                because=(value, assumption("taken to need a gradient", argument, facts)),
                suggestion="pass the tensor once and return the sum of both gradients",
            )
            return
        seen.add(text)


def _source(node: ast.expr, facts: Facts) -> ast.expr:
    """The name or attribute that a name is another name for, by the assignment right above it."""
    function = facts.function(node)
    if not isinstance(node, ast.Name) or function is None:
        return node
    made = [
        part.value
        for part in walk(function)
        if isinstance(part, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == node.id for target in part.targets)
    ]
    alias = len(made) == 1 and isinstance(made[0], (ast.Name, ast.Attribute))
    return made[0] if alias else node

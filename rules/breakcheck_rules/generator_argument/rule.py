"""A random draw is given a `torch.Generator`.

## What it does
Finds `generator=` of a torch function where the value is a `torch.Generator`. A parameter that defaults to
`None` is not reported: `generator=None` is captured.

## Why is this bad
A generator object can't be an input of a graph: it ends there.

## What to do
Draw from the default generator and seed that outside, or pass the noise in as an argument.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC433",
    name="generator-argument",
    summary="a random draw is given a `torch.Generator`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0055",),
    calls=("torch.*",),
    matrix=("cx_generator_arg",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, -1, "generator")
    if given is None:
        return
    value = facts.value(given)
    default = isinstance(given, ast.Attribute) and given.attr == "default_generator"
    if default or (value.kind is Kind.PYTHON and value.name == "torch.Generator" and not value.optional):
        yield breaks(
            node,
            f"`{facts.source(given)}` is a generator, which can't be an input of a graph",
            facts,
            because=(facts.callee(node), value),
            suggestion="draw from the default generator, or pass the noise in",
        )

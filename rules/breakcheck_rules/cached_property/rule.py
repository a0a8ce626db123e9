"""A `functools.cached_property` is read in compiled code.

## What it does
Finds the read of an attribute that is a `functools.cached_property`, where it may be read for the first
time.

## Why is this bad
Up to Python 3.11 the first read takes a lock, which Dynamo can't enter: the frame runs eagerly. Later reads
find a plain attribute.

## What to do
Compute the value in `__init__`, or make it a plain `property` when it is cheap.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, seen_before

RULE = Rule(
    code="BC404",
    name="cached-property",
    summary="a `functools.cached_property` is read in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0142",),
    nodes=(ast.Attribute,),
    matrix=("se_cached_property",),
)


def match(node: ast.Attribute, facts: Facts) -> Iterator[Problem]:
    if facts.descriptor(node) != "functools.cached_property" or seen_before(node, facts):
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` is a `cached_property`, whose first read takes a lock (Python 3.11 and older)",
        because=(facts.value(node),),
        suggestion="compute it in `__init__`",
    )

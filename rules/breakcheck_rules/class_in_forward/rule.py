"""A class is defined in compiled code.

## What it does
Finds `class` statements in reached functions. A function defined there is captured, and so is
`collections.namedtuple(...)`.

## Why is this bad
Building a class runs code that Dynamo does not trace: the graph ends at the statement.

## What to do
Define the class at the top of the module.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC461",
    name="class-in-forward",
    summary="a class is defined in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB8977",),
    nodes=(ast.ClassDef,),
)


def match(node: ast.ClassDef, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`class {node.name}` is built at every call, which is not traced",
        facts,
        because=(),
        suggestion="define the class at the top of the module",
    )

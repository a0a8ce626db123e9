"""An operator between an object of a Python class and a tensor.

## What it does
Finds `obj * tensor` and `tensor @ obj` where the class of `obj` defines the operator (`__mul__`,
`__rmatmul__`, ...). An operator between two such objects, with a number, and a plain method call are captured; so
are comparisons and indexing, and the operators of a `NamedTuple`.

## Why is this bad
With a tensor on one side Dynamo takes the operator for one of torch and can't put the object into the graph: the
whole frame runs eagerly.

## What to do
Call a method (`obj.scaled(tensor)`), or work on the tensors that the object holds.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC450",
    name="object-operator",
    summary="an operator between an object of a Python class and a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0055",),
    nodes=(ast.BinOp,),
)


def match(node: ast.BinOp, facts: Facts) -> Iterator[Problem]:
    method = facts.operator(node)
    if not method:
        return
    for own, other in ((node.left, node.right), (node.right, node.left)):
        held, tensor = facts.value(own), facts.value(other)
        if tensor.kind is Kind.TENSOR:
            yield breaks(
                node,
                f"`{facts.source(node)}` runs `{method.rpartition('.')[2]}` of a Python class next to a tensor",
                facts,
                because=(held, tensor),
                suggestion="call a method of the object, or work on the tensors that it holds",
            )
            return

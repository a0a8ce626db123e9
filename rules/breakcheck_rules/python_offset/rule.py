"""A slice of a tensor that starts or ends at a Python int which changes.

## What it does
Finds `cache[position : position + 1]` on a tensor where the bound is an `int` parameter of the function, read or
written. Selected on request, for models that run on TPUs through torch_xla.

## Why is this bad
The bound becomes a constant of the XLA program, so that every other value is another program: a decode loop that
passes its position as an int compiles once a token.

## What to do
Pass the position as a tensor and use `index_copy_`, `index_select` or `torch.where`.

## Fix safety
No fix is offered: the callers have to pass a tensor.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, parameters, walk

RULE = Rule(
    code="BC803",
    name="python-offset",
    summary="a slice bound that is a changing Python int compiles a program a value on XLA",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    nodes=(ast.Subscript,),
    applies=("xla",),
    default=False,
)


def match(node: ast.Subscript, facts: Facts) -> Iterator[Problem]:
    holder = facts.value(node.value)
    if holder.kind is not Kind.TENSOR:
        return
    function = facts.function(node)
    if function is None:
        return
    given = {each.arg: each for each in parameters(function)}
    for part in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
        for bound in (part.lower, part.upper) if isinstance(part, ast.Slice) else ():
            if bound is None:
                continue
            named = [n for n in walk(bound) if isinstance(n, ast.Name) and n.id in given]
            for name in named:
                annotation = given[name.id].annotation
                if isinstance(annotation, ast.Name) and annotation.id == "int":
                    yield Problem(
                        node,
                        f"`{facts.source(node)}` is bounded by the int `{name.id}`, and XLA compiles a program for each value",
                        because=(holder, facts.value(name)),
                        suggestion="pass the position as a tensor and use `index_copy_` or `index_select`",
                    )
                    return

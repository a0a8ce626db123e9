"""An `nn.Parameter` is made in compiled code.

## What it does
Finds `nn.Parameter(...)`. It was captured in torch 2.4 and 2.6 and is not since 2.9. `nn.Buffer(...)` is
captured.

## Why is this bad
A parameter is a new leaf of the autograd graph, which can't be made inside a compiled one: the graph ends
there.

## What to do
Use the plain tensor, which computes the same; make what shall be trained in `__init__`.

## Fix safety
`nn.Parameter(t)` becomes `t` where its value is used in the same expression statement. The result then has
no gradient leaf of its own, so the edit is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC412",
    name="parameter-in-forward",
    summary="an `nn.Parameter` is made in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0264",),
    calls=("torch.nn.Parameter",),
    matrix=("st_parameter_created_in_forward",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` makes a parameter, which a graph can't",
        facts,
        because=(facts.callee(node),),
        suggestion="use the plain tensor, or make the parameter in `__init__`",
    )

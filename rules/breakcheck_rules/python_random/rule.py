"""Python's `random` is not traced.

## What it does
Finds `random.random()`, `random.gauss()`, `random.seed()` and their like. `random.uniform`,
`random.randint` and `random.randrange` used as numbers are captured; where they steer a branch or an index,
the rules for tensors speak.

## Why is this bad
Python's generator is state outside the graph: Dynamo ends the graph at the draw and compiles the rest again
for each value that it meets.

## What to do
Draw with torch (`torch.rand(())`), which stays in the graph; where the draw steers Python, draw outside the
compiled region and pass the result in.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC307",
    name="python-random",
    summary="Python's `random` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=(
        "random.random",
        "random.gauss",
        "random.normalvariate",
        "random.betavariate",
        "random.expovariate",
        "random.triangular",
        "random.lognormvariate",
        "random.getrandbits",
        "random.seed",
        "random.getstate",
        "random.setstate",
    ),
    matrix=("se_random_random", "se_random_uniform_value", "se_random_randint_index"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="draw with torch, or outside the compiled region",
    )

"""`random.sample`, `shuffle` or `seed` is not traced.

## What it does
Finds `random.sample`, `random.shuffle` and `random.seed`, and the first two of a generator of one's own
(`random.Random(seed)`). From torch 2.14 on they are captured, unlike `random.choice`, which python-random finds.

## Why is this bad
Python's generator is state outside the graph: Dynamo ends the graph at the draw.

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
    code="BC308",
    name="random-choice",
    summary="`random.sample`, `shuffle` or `seed` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1,<2.14",
    gb_ids=("GB0007", "GB0156"),
    calls=("random.sample", "random.shuffle", "random.seed", "random.Random.sample", "random.Random.shuffle"),
    matrix=("se_random_shuffle",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="draw with `torch.randperm` or `torch.randint`, or outside the compiled region",
    )

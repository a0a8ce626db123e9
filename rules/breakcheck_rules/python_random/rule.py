"""Python's `random` is not traced.

## What it does
Finds `random.random()`, `random.gauss()`, `random.choice()` and their like, and all but `random()` of a generator
of one's own (`random.Random(seed).gauss(0, 1)`) too. `random.uniform`,
`random.randint` and `random.randrange` are captured where they meet a tensor; an operator between what they draw
and another number is found here, a function of `math` of it too (an error of the compiler), and where they steer a
branch or an index, the rules for tensors speak. From torch 2.14 on `random.random()` is captured like them: the graph then ends where
its result meets another number or steers a branch.

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

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

# Of the module's generator and of a `random.Random` alike; `random()` of the latter is captured.
_DRAWS = (
    *("gauss", "normalvariate", "lognormvariate", "vonmisesvariate", "betavariate", "expovariate"),
    *("gammavariate", "paretovariate", "weibullvariate", "triangular"),
    *("getrandbits", "randbytes", "choice", "choices"),
)
RULE = Rule(
    code="BC307",
    name="python-random",
    summary="Python's `random` is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.ERROR),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0156", "GB0170", "GB0213"),
    calls=(
        "random.random",
        "random.getstate",
        "random.setstate",
        *(f"random.{name}" for name in _DRAWS),
        *(f"random.Random.{name}" for name in _DRAWS),
        "math.*",
    ),
    nodes=(ast.BinOp,),
    matrix=("se_random_random", "se_random_uniform_value", "se_random_randint_index"),
)


def match(node: ast.Call | ast.BinOp, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.BinOp):
        yield from _computed_with(node, facts)
        return
    if facts.callee(node).name.startswith("math."):
        yield from _given_to_math(node, facts)
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="draw with torch, or outside the compiled region",
    )


def _computed_with(node: ast.BinOp, facts: Facts) -> Iterator[Problem]:
    """A number drawn by `uniform` or `randint` is traced, and may meet a tensor, but no other number."""
    sides = (facts.value(node.left), facts.value(node.right))
    drawn = next((side for side in sides if side.name == "random"), None)
    if drawn is not None and all(
        side.name == "random" or side.kind in (Kind.CONST, Kind.PYTHON, Kind.SIZE) for side in sides
    ):
        yield breaks(
            node,
            f"`{facts.source(node)}` computes with a drawn number and ends the graph",
            facts,
            because=(drawn,),
            suggestion="multiply the tensor by what is drawn, draw with torch, or outside the compiled region",
        )


def _given_to_math(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    for argument in node.args:
        value = facts.value(argument)
        if value.name == "random":
            yield Problem(
                node,
                f"`{facts.source(node)}` of a number that `random` draws stops the compilation with an error",
                because=(facts.callee(node), value),
                suggestion="draw with torch, or outside the compiled region",
                effects=(Effect.ERROR,),
            )
            return

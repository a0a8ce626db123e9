"""`numpy.random` draws a scalar or is not traced.

## What it does
Finds draws from `numpy.random` that give a Python scalar (`np.random.rand()`), those that Dynamo does not
map onto torch (`permutation`, `choice`, `beta`, `default_rng`), and methods of a `Generator` or
`RandomState`. `np.random.rand(6)` and `np.random.uniform(0, 1, size=6)` are captured.

## Why is this bad
A scalar is read back to Python at once; the others have no counterpart in torch and run in Python. Either
way the graph ends.

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
    code="BC309",
    name="numpy-random",
    summary="`numpy.random` draws a scalar or is not traced",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0033", "GB0294", "GB0156"),
    calls=("numpy.random.*", "numpy.random.Generator.*", "numpy.random.RandomState.*"),
    matrix=("np_random",),
)

_TRACED = {"seed", "shuffle"}
# These draw an array when told a size, which Dynamo maps onto torch, and a Python scalar else, which it reads back.
_TRACED_WITH_SIZE = {
    "rand": 0,
    "randn": 0,
    "random": 0,
    "random_sample": 0,
    "uniform": 2,
    "normal": 2,
    "randint": 2,
}


def _sized(node: ast.Call, name: str) -> bool:
    """Whether the call says how many to draw."""
    return len(node.args) > _TRACED_WITH_SIZE[name] or any(keyword.arg == "size" for keyword in node.keywords)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    name = facts.callee(node).name.removeprefix("numpy.random.")
    if name in _TRACED or (name in _TRACED_WITH_SIZE and _sized(node, name)):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="draw with torch, or outside the compiled region",
    )

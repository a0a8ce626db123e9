"""A numpy function is given a size.

## What it does
Finds numpy's scalar functions (`np.sqrt`, `np.log2`, `np.ceil`, ...) of a size. `math.sqrt`, `math.ceil`,
`**` and `//` of sizes are captured for all sizes.

## Why is this bad
numpy needs the number, so Dynamo makes the size a constant: every other size is a new compilation. After
eight compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs
eagerly for good, without an error.

## What to do
Use `math` or Python's operators.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity

RULE = Rule(
    code="BC608",
    name="size-in-numpy",
    summary="a numpy function is given a size",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.9",
    calls=("numpy.*",),
)

SCALAR = frozenset(("ceil", "cbrt", "exp", "floor", "log", "log10", "log2", "round", "sqrt"))


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if callee.name.removeprefix("numpy.") not in SCALAR or not node.args:
        return
    value = facts.value(node.args[0])
    if value.kind is Kind.SIZE and not value.unbacked:
        yield Problem(
            node,
            f"`{facts.source(node)}` makes the size a constant: each size is compiled anew",
            because=(callee, value),
            suggestion="use `math` or Python's operators",
        )

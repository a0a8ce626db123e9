"""`torch.linspace` or `logspace` has a size for its number of steps.

## What it does
Finds `torch.linspace(a, b, x.shape[0])` and `torch.logspace`. `torch.arange(x.shape[0])` is captured for
all sizes.

## Why is this bad
The number of steps is a constant of the graph: every other size is a new compilation. After eight
compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs eagerly for
good, without an error.

## What to do
Scale `torch.arange(n)`: `start + torch.arange(n) * (end - start) / (n - 1)`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity

RULE = Rule(
    code="BC606",
    name="linspace-of-size",
    summary="`torch.linspace` or `logspace` has a size for its number of steps",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.9",
    calls=("torch.linspace", "torch.logspace"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    steps = facts.argument(node, 2, "steps")
    if steps is None:
        return
    value = facts.value(steps)
    if value.kind is Kind.SIZE and not value.unbacked:
        yield Problem(
            node,
            f"`{facts.source(steps)}` steps are a constant of the graph: each size is compiled anew",
            because=(facts.callee(node), value),
            suggestion="scale `torch.arange(n)`",
        )

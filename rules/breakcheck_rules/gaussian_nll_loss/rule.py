"""`gaussian_nll_loss` looks for a negative variance.

## What it does
Finds `torch.nn.functional.gaussian_nll_loss` and calls of an `nn.GaussianNLLLoss` module, unless the variance is known to
be a number.

## Why is this bad
It raises where a variance is negative, and for that reads the tensor's values: the graph ends there at every call.

## What to do
Write the loss out: `0.5 * (var.clamp(min=eps).log() + (x - target) ** 2 / var.clamp(min=eps))`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC118",
    name="gaussian-nll-loss",
    summary="`gaussian_nll_loss` looks for a negative variance",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=(
        "GB0033",
        "GB0170",
    ),
    calls=(
        "torch.nn.functional.gaussian_nll_loss",
        "torch.nn.GaussianNLLLoss.__call__",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, 2, "var")
    if given is None:
        return
    value = facts.value(given)
    if value.kind is not Kind.TENSOR:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` reads the variance to check its sign",
        facts,
        because=(facts.callee(node), value),
        suggestion="write the loss out, with `var.clamp(min=eps)`",
    )

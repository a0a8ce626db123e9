"""`id()` of a tensor.

## What it does
Finds `id(t)` of a tensor. `id(module)` is captured.

## Why is this bad
The number is a constant of the graph, and another tensor is another number: each call with a new tensor is
a new compilation. After eight compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the
function up, and it runs eagerly for good, without an error.

## What to do
Compare with `is`, or key by a name that does not change.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity

RULE = Rule(
    code="BC607",
    name="identity-of-tensor",
    summary="`id()` of a tensor",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.6",
    calls=("builtins.id",),
    matrix=("se_hash_id",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, 0, "obj")
    if given is None:
        return
    value = facts.value(given)
    if value.kind is Kind.TENSOR and not value.optional:
        yield Problem(
            node,
            f"`{facts.source(node)}` is another number for each tensor, and each is compiled anew",
            because=(value,),
            suggestion="compare with `is`, or key by a name that does not change",
        )

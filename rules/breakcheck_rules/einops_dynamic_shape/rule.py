"""Einops before 0.7 fails on the first dynamic shape.

## What it does
Finds `rearrange`, `reduce`, `repeat` and the einops layers where the project's einops is older than 0.7 and
its torch older than 2.13. With einops 0.7 and later they are captured in every release of torch, and the
rule is silent; so it is where the version is not known.

## Why is this bad
Old einops caches its recipe by shape and compares symbolic sizes in Python: the first call with a second
length does not break the graph, it raises.

## What to do
Require `einops>=0.7`.

## Fix safety
No edit: the remedy is a version.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC490",
    name="einops-dynamic-shape",
    summary="einops before 0.7 fails on the first dynamic shape",
    severity=Severity.ERROR,
    effects=(Effect.ERROR,),
    versions=">=2.1,<2.13",
    calls=(
        "einops.rearrange",
        "einops.reduce",
        "einops.repeat",
        "einops.einops.rearrange",
        "einops.einops.reduce",
        "einops.einops.repeat",
        "einops.layers.torch.*",
    ),
    requires={"einops": "<0.7"},
    matrix=(
        "einops_rearrange",
        "einops_rearrange_many_lengths",
        "einops_repeat",
        "einops_reduce",
        "einops_layer_rearrange",
        "einops_layer_reduce",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if callee.name.startswith("einops.layers.") and not callee.name.endswith(".__call__"):
        return  # making a layer is fine; calling it is not
    yield Problem(
        node,
        f"`{facts.source(node.func)}` of einops before 0.7 raises on the first dynamic shape",
        because=(callee,),
        suggestion="require einops 0.7 or later",
    )

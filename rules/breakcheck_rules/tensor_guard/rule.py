"""A check on a tensor's value that raises.

## What it does
Finds `if <tensor condition>: raise ...`: NaN checks, token-count checks, range checks on data.

## Why is this bad
The guard costs what any branch on a tensor costs, on every call, although it hardly ever fires: the graph
ends, the host waits for the device, and a second graph starts.

## What to do
Turn it into an asynchronous assertion, `torch._assert_async(condition, message)`, which stays in the graph;
or keep it for eager runs only with `if not torch.compiler.is_compiling():`; or check before the compiled
region.

## Fix safety
The edit puts the guard under `if not torch.compiler.is_compiling():`. A compiled run then no longer raises,
so it is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import (
    Effect,
    Facts,
    Kind,
    Problem,
    Rule,
    Severity,
    asked_for_truth,
    asks_whether_given,
    assumption,
    breaks,
    only_raises,
)

RULE = Rule(
    code="BC105",
    name="tensor-guard",
    summary="a check on a tensor's value that raises",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170", "GB0035", "GB0033"),
    nodes=(ast.If,),
    matrix=("hs_if_not_isnan_raise", "ag_image_token_check"),
)


def match(node: ast.If, facts: Facts) -> Iterator[Problem]:
    if not only_raises(node.body) or node.orelse:
        return
    for part in asked_for_truth(node.test):
        value = facts.value(part)
        if value.kind in (Kind.TENSOR, Kind.NDARRAY):
            granted = (
                (assumption("taken to be given: the condition asks whether it is", part, facts),)
                if asks_whether_given(node.test, part)
                else ()
            )
            yield breaks(
                part,
                f"check of `{facts.source(part)}` reads a tensor's value to decide whether to raise",
                facts,
                because=(value, *granted),
                suggestion="use `torch._assert_async`, or check only when `not torch.compiler.is_compiling()`",
            )
            return

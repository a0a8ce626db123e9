"""A `while` loop whose condition is a tensor.

## What it does
Finds `while <tensor condition>:`.

## Why is this bad
Each turn reads the condition back to Python: the graph ends and the host waits once per iteration.

## What to do
Run a fixed number of iterations and mask the finished part with `torch.where`; use
`torch._higher_order_ops.while_loop`; or keep the loop outside and compile its body.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, asked_for_truth, breaks

RULE = Rule(
    code="BC106",
    name="tensor-while",
    summary="a `while` loop whose condition is a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0170", "GB0035", "GB0033"),
    nodes=(ast.While,),
    matrix=("hs_while",),
)


def match(node: ast.While, facts: Facts) -> Iterator[Problem]:
    for part in asked_for_truth(node.test):
        value = facts.value(part)
        if value.kind in (Kind.TENSOR, Kind.NDARRAY):
            yield breaks(
                part,
                f"`while` on `{facts.source(part)}` reads a tensor back to Python on every turn",
                facts,
                because=(value,),
                suggestion="loop a fixed number of times under a mask, or compile the body and loop outside",
            )
            return

"""A nested tensor of strided layout is made in compiled code.

## What it does
Finds `torch.nested.nested_tensor(...)` and `as_nested_tensor(...)` without `layout=torch.jagged`. Jagged
ones are captured.

## Why is this bad
The operator has no fake kernel in the strided layout: the graph ends there, and no later frame that takes
the tensor is captured.

## What to do
Pass `layout=torch.jagged`, or pad and mask.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC441",
    name="nested-tensor",
    summary="a nested tensor of strided layout is made in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.4",
    gb_ids=("GB0090", "GB0016"),
    calls=("torch.nested.nested_tensor", "torch.nested.as_nested_tensor"),
    matrix=("ag_flash_varlen_nested",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    layout = facts.argument(node, -1, "layout")
    if layout is not None and not (isinstance(layout, ast.Attribute) and layout.attr == "strided"):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` makes a nested tensor of strided layout, which a graph can't hold",
        facts,
        because=(facts.callee(node),),
        suggestion="pass `layout=torch.jagged`, or pad and mask",
    )

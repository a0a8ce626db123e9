"""A list of sizes is compared with one that holds a tensor.

## What it does
Finds `list(x.size()) == [batch, t]` and `x.shape == (n, t)` where an element is a tensor.

## Why is this bad
Comparing the lists compares their elements, and the tensor's value is read back for it.

## What to do
Take the size from a shape instead of from data, or drop the check under `torch.compiler.is_compiling()`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC116",
    name="shape-compared-with-tensor",
    summary="a list of sizes is compared with one that holds a tensor",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB6622", "GB0170"),
    nodes=(ast.Compare,),
)


def match(node: ast.Compare, facts: Facts) -> Iterator[Problem]:
    if not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    for side in (node.left, *node.comparators):
        if not isinstance(side, (ast.List, ast.Tuple)):
            continue
        for element in side.elts:
            value = facts.value(element)
            if value.kind is Kind.TENSOR:
                yield breaks(
                    element,
                    f"comparing sizes with `{facts.source(element)}`, a tensor, reads its value",
                    facts,
                    because=(value,),
                    suggestion="compare sizes with sizes, or check outside the compiled region",
                )
                return

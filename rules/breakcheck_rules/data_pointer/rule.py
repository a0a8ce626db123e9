"""Addresses of tensors are compared or computed with.

## What it does
Finds `a.data_ptr() == b.data_ptr()` and arithmetic on `data_ptr()`. Reading the pointer alone is captured.

## Why is this bad
Tensors of a graph have no address while it is traced: the graph ends there, and the frame with it when the
address is computed with.

## What to do
Compare the objects (`a is b`), or decide outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC443",
    name="data-pointer",
    summary="addresses of tensors are compared or computed with",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB5976", "GB0156", "GB0088"),
    nodes=(ast.Compare, ast.BinOp),
    matrix=("np_data_ptr",),
)


def match(node: ast.Compare | ast.BinOp, facts: Facts) -> Iterator[Problem]:
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node.left, node.right]
    for side in sides:
        if isinstance(side, ast.Call):
            callee = facts.callee(side)
            if callee.name == "torch.Tensor.data_ptr":
                yield breaks(
                    node,
                    f"`{facts.source(node)}` needs an address, which a traced tensor does not have",
                    facts,
                    because=(callee,),
                    suggestion="compare the objects (`a is b`), or decide outside the compiled region",
                )
                return

"""`torch.equal`, `torch.allclose` or `is_nonzero` answers with a Python bool.

## What it does
Finds calls of `torch.equal`, `torch.allclose` and `is_nonzero` (also as methods).

## Why is this bad
They compare all the data and answer with a Python `bool`, so the graph ends there and the host waits.

## What to do
Use forms that answer with a tensor, `(a == b).all()`, `torch.isclose(a, b).all()`, and select with
`torch.where`; or compare outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC114",
    name="tensor-equality-test",
    summary="`torch.equal`, `torch.allclose` or `is_nonzero` answers with a Python bool",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0033", "GB0124"),
    calls=(
        "torch.equal",
        "torch.allclose",
        "torch.is_nonzero",
        "torch.Tensor.equal",
        "torch.Tensor.allclose",
        "torch.Tensor.is_nonzero",
    ),
    matrix=("hs_allclose_branch", "hs_equal_branch"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` compares data and answers with a Python bool",
        facts,
        because=(facts.callee(node),),
        suggestion="use a form that stays a tensor, such as `(a == b).all()` or `torch.isclose(a, b).all()`",
    )

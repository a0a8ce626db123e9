"""`one_hot` without `num_classes` is as wide as the largest value in the data.

## What it does
Finds `torch.nn.functional.one_hot(ids)` without `num_classes` (or with `-1`).

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Pass `num_classes=`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC210",
    name="one-hot-without-classes",
    summary="`one_hot` without `num_classes` is as wide as the largest value in the data",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0246", "GB0036", "GB0033"),
    calls=("torch.nn.functional.one_hot",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    classes = facts.argument(node, 1, "num_classes")
    if classes is not None and not (isinstance(classes, ast.UnaryOp) and isinstance(classes.op, ast.USub)):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` has a width that depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="pass `num_classes=`",
    )

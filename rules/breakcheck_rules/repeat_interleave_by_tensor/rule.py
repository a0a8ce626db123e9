"""`repeat_interleave` with a tensor of repeats gives a length that depends on data.

## What it does
Finds `torch.repeat_interleave(x, t)` and `x.repeat_interleave(t)` where the repeats are a tensor and
`output_size` is not given. With a Python int it is fine.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Pass `output_size=` (an int known from a shape or given by the caller): the graph then stays whole.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC206",
    name="repeat-interleave-by-tensor",
    summary="`repeat_interleave` with a tensor of repeats gives a length that depends on data",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036",),
    calls=("torch.repeat_interleave", "torch.Tensor.repeat_interleave"),
    matrix=("ds_repeat_interleave_tensor",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    method = facts.callee(node).name.startswith("torch.Tensor.")
    repeats = facts.argument(node, 0 if method else 1, "repeats")
    if repeats is None and not method:
        repeats = facts.argument(node, 0, "repeats")  # one argument: the repeats themselves
    if repeats is None or facts.argument(node, 9, "output_size") is not None:
        return
    value = facts.value(repeats)
    if value.kind is not Kind.TENSOR:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` is as long as the sum of `{facts.source(repeats)}`, which is data",
        facts,
        because=(facts.callee(node), value),
        suggestion="pass `output_size=` where the total is known, or gather with an index of known length",
    )

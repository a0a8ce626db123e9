"""A function whose result has a shape that it reads from its input.

## What it does
Finds `torch.tensor_split` and `Tensor.tensor_split` by a tensor of indices, `torch.linalg.lstsq`, torchvision's
`nms` and `batched_nms`, and calls of an `nn.AdaptiveLogSoftmaxWithLoss` module.

## Why is this bad
The number of elements in the result is data, and by default Dynamo traces only shapes that it can know: the
graph ends here, the host waits for the device, and a second graph starts. In a loop or `try` the whole
frame runs eagerly.

## What to do
Split by a list of Python numbers; solve with `torch.linalg.pinv(a) @ b` or `torch.linalg.solve`; suppress boxes outside the compiled
region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC215",
    name="shape-from-values",
    summary="a function whose result has a shape that it reads from its input",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=(
        "GB0036",
        "GB0033",
    ),
    calls=(
        "torch.tensor_split",
        "torch.Tensor.tensor_split",
        "torch.linalg.lstsq",
        "torch.ops.torchvision.nms",
        "torchvision.ops.nms",
        "torchvision.ops.batched_nms",
        "torch.nn.AdaptiveLogSoftmaxWithLoss.__call__",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if facts.callee(node).name.endswith("tensor_split"):
        indices = facts.argument(
            node, 0 if facts.callee(node).name.startswith("torch.Tensor.") else 1, "indices_or_sections"
        )
        if indices is None or facts.value(indices).kind is not Kind.TENSOR:
            return
    yield breaks(
        node,
        f"`{facts.source(node)}` has a shape that depends on data",
        facts,
        because=(facts.callee(node),),
        suggestion="split by Python numbers, solve with `torch.linalg.solve`, or mask",
    )

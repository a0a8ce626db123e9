"""A tensor or the mode is asked whether it is for inference.

## What it does
Finds `tensor.is_inference()`, `torch.is_inference(t)` and `torch.is_inference_mode_enabled()`. In torch 2.6
they were captured.

## Why is this bad
Fake tensors don't know the answer: the graph ends there.

## What to do
Ask `torch.is_grad_enabled()`, which is captured, or decide outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC429",
    name="inference-query",
    summary="a tensor or the mode is asked whether it is for inference",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0045", "GB0046", "GB0208"),
    calls=("torch.Tensor.is_inference", "torch.is_inference", "torch.is_inference_mode_enabled"),
    matrix=("ag_inference_tensor_input",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not known while tracing",
        facts,
        because=(facts.callee(node),),
        suggestion="ask `torch.is_grad_enabled()`, or decide outside the compiled region",
    )

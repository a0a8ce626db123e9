"""A question about a tensor or dtype whose answer Dynamo does not compute.

## What it does
Finds `torch.is_same_size`, `torch.result_type`, `torch.can_cast`, `torch.is_storage`, `torch.typename`,
and the methods `is_conj`, `is_neg`, `is_signed`, `is_same_size`, `is_set_to`,
`is_distributed`, `dense_dim`, `sparse_dim` and `storage_offset` (from torch 2.15 on, of a view alone).
`is_floating_point`, `is_complex`, `promote_types` and `x.dtype` are captured.

## Why is this bad
The answer is a Python value that no rule of Dynamo computes from a traced tensor: the graph ends at the call.

## What to do
Compare `x.shape` or `x.dtype`; `torch.promote_types(a.dtype, b.dtype)` gives the common dtype of two tensors.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC460",
    name="tensor-query",
    summary="a question about a tensor or dtype whose answer Dynamo does not compute",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=(
        "GB0208",
        "GB0007",
    ),
    calls=(
        "torch.is_same_size",
        "torch.result_type",
        "torch.can_cast",
        "torch.is_storage",
        "torch.typename",
        "torch.is_conj",
        "torch.is_neg",
        "torch.is_signed",
        "torch.is_distributed",
        "torch.Tensor.is_conj",
        "torch.Tensor.is_neg",
        "torch.Tensor.is_signed",
        "torch.Tensor.is_same_size",
        "torch.Tensor.is_set_to",
        "torch.Tensor.is_distributed",
        "torch.Tensor.dense_dim",
        "torch.Tensor.sparse_dim",
        "torch.Tensor.storage_offset",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` asks what a traced tensor does not answer",
        facts,
        because=(facts.callee(node),),
        suggestion="compare `x.shape` or `x.dtype`",
    )

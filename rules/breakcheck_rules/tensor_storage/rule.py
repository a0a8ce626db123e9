"""The storage of a tensor is asked for.

## What it does
Finds `tensor.storage()`, `share_memory_()`, `is_shared()`, `is_pinned()` and the DLPack
functions. `stride()`, `is_contiguous()`, `nbytes` and `untyped_storage().size()` are captured, and
`storage_offset()` from torch 2.15 on.

## Why is this bad
Tensors of a graph have no storage while it is traced: it ends there.

## What to do
Ask outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC442",
    name="tensor-storage",
    summary="the storage of a tensor is asked for",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0208", "GB0008", "GB0117", "GB0007", "GB0001", "GB0156", "GB0108"),
    calls=(
        "torch.Tensor.storage",
        "torch.Tensor.share_memory_",
        "torch.Tensor.is_shared",
        "torch.Tensor.is_pinned",
        "torch.from_dlpack",
        "torch.utils.dlpack.to_dlpack",
        "torch.utils.dlpack.from_dlpack",
    ),
    matrix=("np_storage",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` asks for memory that a traced tensor does not have",
        facts,
        because=(facts.callee(node),),
        suggestion="ask outside the compiled region",
    )

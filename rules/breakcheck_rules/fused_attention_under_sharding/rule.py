"""Fused attention on sharded heads.

## What it does
Finds `scaled_dot_product_attention` in code that a compiled region reaches. Selected on request, for models that are
sharded by SPMD through torch_xla.

## Why is this bad
The partitioner can't look into a fused kernel, and torch_xla's own lowering flattens batch and heads into one dim: queries, keys and values, with
them the whole KV cache, are gathered on every chip. In the example 3 all-gathers, none with attention written out.

## What to do
Write attention as `torch.einsum`, softmax, `torch.einsum`; or give the kernel its shards by hand (`shard_map`,
`flash_attention(..., partition_spec=..., mesh=...)` of torch_xla).

## Fix safety
No fix is offered: masks, scale and dropout must be carried over.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, assumption

RULE = Rule(
    code="BC811",
    name="fused-attention-under-sharding",
    summary="fused attention on sharded heads gathers queries, keys and values on every chip",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=("torch.nn.functional.scaled_dot_product_attention",),
    applies=("xla",),
    default=False,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield Problem(
        node,
        f"`{facts.source(node)}` is fused: under sharding its inputs are gathered on every chip",
        because=(facts.callee(node), assumption("taken to run on sharded heads", node, facts)),
        suggestion="write attention out with `torch.einsum`, or give the kernel its shards",
    )

"""A sparse tensor is made or taken in compiled code.

## What it does
Finds `to_sparse()` and its forms, `torch.sparse_coo_tensor`, `sparse_csr_tensor` and their like, and `torch.spmm` of an
argument or attribute, which is taken to be sparse.
`torch.sparse.mm` of dense tensors is captured. `to_sparse()` was captured from torch 2.1 to 2.9.

## Why is this bad
Dynamo does not represent sparse tensors: the graph ends where one is made, and no later frame that takes
one is captured.

## What to do
Use index arithmetic (`index_add`, `scatter_add`, `gather`) on dense tensors, or keep the sparse part
outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, Value, assumption, breaks, made_here

TAKES_SPARSE = "torch.spmm"

RULE = Rule(
    code="BC440",
    name="sparse-tensor",
    summary="a sparse tensor is made or taken in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB0277", "GB0015", "GB0007", "GB0374"),
    calls=(
        "torch.Tensor.to_sparse",
        "torch.Tensor.to_sparse_coo",
        "torch.Tensor.to_sparse_csr",
        "torch.Tensor.to_sparse_csc",
        "torch.Tensor.to_sparse_bsr",
        "torch.Tensor.to_sparse_bsc",
        "torch.sparse_coo_tensor",
        "torch.sparse_csr_tensor",
        "torch.sparse_csc_tensor",
        "torch.sparse_bsr_tensor",
        "torch.sparse_bsc_tensor",
        "torch.sparse_compressed_tensor",
        "torch.sparse.FloatTensor",
        "torch.sparse.LongTensor",
        "torch.sparse.DoubleTensor",
        TAKES_SPARSE,
    ),
    matrix=("ag_sparse_coo", "ag_sparse_csr"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    granted: tuple[Value, ...] = ()
    verb = "makes"
    if facts.callee(node).name == TAKES_SPARSE:
        if not node.args or made_here(node.args[0], facts):
            return
        verb = "takes"
        granted = (assumption("taken to be sparse", node.args[0], facts),)
    yield breaks(
        node,
        f"`{facts.source(node)}` {verb} a sparse tensor, which a graph can't hold",
        facts,
        because=(facts.callee(node), *granted),
        suggestion="use `index_add` or `scatter_add` on dense tensors",
    )

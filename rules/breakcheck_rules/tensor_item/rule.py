"""`.item()` on a tensor.

## What it does
Finds `tensor.item()` in code that a compiled region reaches.

## Why is this bad
The value must come back to Python, so Dynamo ends the graph there, runs it, waits for the device, and goes on in
a second graph that is specialised on the value. In a loop body the whole frame runs eagerly.

## What to do
Keep the value a tensor: most tensor functions take a 0-d tensor where they take a number. Where a number is
needed, compute it outside the compiled region, or compile with `fullgraph=True` (torch 2.13 and later capture the
scalar then, at the price of the sync and a split CUDA graph).

## Fix safety
Dropping `.item()` is offered where the number is only an operand of arithmetic, in place or through one local
name. The result is then a tensor and may be of another dtype (a number promotes less than a tensor), so the edit
is unsafe.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC101",
    name="tensor-item",
    summary="`.item()` reads a tensor value back to Python",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    gb_ids=("GB0124", "GB0033"),
    versions=">=2.1",
    calls=("torch.Tensor.item", "numpy.ndarray.item"),
    matrix=(
        "hs_item_scale",
        "hs_item_index",
        "hs_item_shape",
        "hs_item_pyint_state",
        "hs_assert_item",
        "ag_max_seqlen_item",
        "hs_item_branch",
        "ds_tensor_from_item",
        "hs_torch_check_item",
        "hs_randint_item",
        "ag_custom_function_item",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reads a tensor value back to Python and ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="keep the value a tensor, or read it outside the compiled region",
    )

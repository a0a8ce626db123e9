"""A call that Dynamo captures in torch 2.13, but not in 2.9.

## What it does
Finds `eval(...)`, `locals()`, `vars()`, `tensor.register_hook(...)` and `torch.quantize_per_tensor(...)` in reached code,
for projects that run with torch before 2.13.

## Why is this bad
In those releases the graph ends at the call. From torch 2.13 on each of them is part of the graph.

## What to do
Require torch 2.13, or write the value out and register hooks outside the compiled region.

## Fix safety
No fix is offered: the remedy is a newer torch, or depends on what the call is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC451",
    name="late-traced-call",
    summary="a call that Dynamo captures in torch 2.13, but not in 2.9",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.6,<2.13",
    gb_ids=("GB0059", "GB0270", "GB0029", "GB0013", "GB0064", "GB0087"),
    calls=(
        "builtins.eval",
        "builtins.locals",
        "builtins.vars",
        "torch.Tensor.register_hook",
        "torch.quantize_per_tensor",
    ),
    matrix=("se_eval_exec", "se_locals_globals", "ag_tensor_register_hook", "ag_quantized"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced before torch 2.13",
        facts,
        because=(facts.callee(node),),
        suggestion="require torch 2.13, or move the call out of the compiled region",
    )

"""`load_state_dict` inside compiled code.

## What it does
Finds `module.load_state_dict(...)` in reached code. `state_dict()` alone is captured in torch 2.13 (not in
2.9 and 2.14).

## Why is this bad
Loading copies into parameters under checks that Dynamo does not trace: the graph ends there.

## What to do
Load before the call of the compiled model.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC438",
    name="state-loaded-in-forward",
    summary="`load_state_dict` inside compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB0208",),
    calls=("torch.nn.Module.load_state_dict",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` copies into parameters in code that is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="load before the call of the compiled model",
    )

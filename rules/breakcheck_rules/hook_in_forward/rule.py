"""A module hook is registered in compiled code.

## What it does
Finds `module.register_forward_hook(...)` and the other registrations in reached code. Forward hooks that
were registered before compiling are captured, and so are hooks on tensors.

## Why is this bad
The registration changes the module while it is traced, which a graph can't replay: it ends there.

## What to do
Register hooks before the model is compiled, and return what they collect from `forward` instead.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC431",
    name="hook-in-forward",
    summary="a module hook is registered in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB0467", "GB0083", "GB0013"),
    calls=(
        "torch.nn.Module.register_forward_hook",
        "torch.nn.Module.register_forward_pre_hook",
        "torch.nn.Module.register_full_backward_hook",
        "torch.nn.Module.register_full_backward_pre_hook",
        "torch.nn.Module.register_backward_hook",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` changes the module while it is traced",
        facts,
        because=(facts.callee(node),),
        suggestion="register the hook before the model is compiled",
    )

"""A TorchScript module is called in compiled code.

## What it does
Finds the call of a module that `torch.jit.script`, `trace`, `load` or `freeze` made, and these functions
themselves in reached code. Scripted *functions* are captured.

## Why is this bad
Dynamo refuses compiled TorchScript: the frame runs eagerly.

## What to do
Use the module that was scripted: `torch.compile` does what TorchScript was for.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC444",
    name="script-module",
    summary="a TorchScript module is called in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB4695", "GB0008", "GB0007", "GB0098"),
    calls=(
        "torch.jit.ScriptModule.__call__",
        "torch.jit.script",
        "torch.jit.trace",
        "torch.jit.load",
        "torch.jit.freeze",
    ),
    matrix=("se_jit_script_module",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is TorchScript, which Dynamo refuses",
        facts,
        because=(facts.callee(node),),
        suggestion="use the module that was scripted",
    )

"""A C function is called through `ctypes`.

## What it does
Finds calls of functions of a `ctypes` library and of `ctypes.cast`, `memmove` and `c_void_p`.

## Why is this bad
Native code is invisible to Dynamo: the graph ends there.

## What to do
Register the function with `torch.library.custom_op` and give it a fake, so that it becomes one node of the
graph; or call it outside.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC437",
    name="foreign-function",
    summary="a C function is called through `ctypes`",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0156", "GB0007", "GB4818", "GB8977"),
    calls=(
        "ctypes.CDLL.*",
        "ctypes.PyDLL.*",
        "ctypes.cdll.*",
        "ctypes.pythonapi.*",
        "ctypes.c_void_p",
        "ctypes.cast",
        "ctypes.memmove",
        "ctypes.string_at",
    ),
    matrix=("se_ctypes_call",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` calls native code, which is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="register it with `torch.library.custom_op` and a fake",
    )

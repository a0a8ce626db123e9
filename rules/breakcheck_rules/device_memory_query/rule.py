"""The device is asked about memory or count in compiled code.

## What it does
Finds `torch.cuda.memory_allocated()`, `device_count()` and their like. `torch.cuda.is_available()` and
`empty_cache()` are captured.

## Why is this bad
They answer with Python numbers that are no part of a graph.

## What to do
Ask in `__init__` or outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC320",
    name="device-memory-query",
    summary="the device is asked about memory or count in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0208", "GB0007"),
    calls=(
        "torch.cuda.memory_allocated",
        "torch.cuda.max_memory_allocated",
        "torch.cuda.memory_reserved",
        "torch.cuda.max_memory_reserved",
        "torch.cuda.reset_peak_memory_stats",
        "torch.cuda.device_count",
        "torch.cuda.memory_stats",
        "torch.cuda.memory_summary",
    ),
    matrix=("se_cuda_get_capability", "se_cuda_is_available"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="ask outside the compiled region",
    )

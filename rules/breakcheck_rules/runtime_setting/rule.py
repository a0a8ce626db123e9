"""A setting of torch's runtime is read or changed in compiled code.

## What it does
Finds `torch.set_num_threads`, `get_num_threads`, `get_default_device`, `get_float32_matmul_precision`,
`is_anomaly_enabled`, `torch.compiler.cudagraph_mark_step_begin` and others like them. `set_default_dtype`, `set_default_device` and
`use_deterministic_algorithms` are captured.

## Why is this bad
The call acts on the process, not on tensors, and is not traced: the graph ends there.

## What to do
Call it outside the compiled region. `cudagraph_mark_step_begin` belongs before each call of the compiled
model.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC439",
    name="runtime-setting",
    summary="a setting of torch's runtime is read or changed in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0007", "GB0208"),
    calls=(
        "torch.set_num_threads",
        "torch.get_num_threads",
        "torch.set_num_interop_threads",
        "torch.get_num_interop_threads",
        "torch.get_default_device",
        "torch.get_float32_matmul_precision",
        "torch.get_deterministic_debug_mode",
        "torch.is_deterministic_algorithms_warn_only_enabled",
        "torch.is_anomaly_enabled",
        "torch.set_anomaly_enabled",
        "torch.is_warn_always_enabled",
        "torch.set_flush_denormal",
        "torch.get_autocast_cpu_dtype",
        "torch.compiler.cudagraph_mark_step_begin",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` acts on the process and is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="call it outside the compiled region",
    )

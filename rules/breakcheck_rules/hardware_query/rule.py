"""The machine or the build of torch is asked in compiled code.

## What it does
Finds `torch.cuda.is_bf16_supported()`, `torch.backends.cudnn.is_available()`, `torch.backends.cuda.flash_sdp_enabled()`,
`torch.cpu.device_count()` and others like them. `torch.cuda.is_available()` is captured, and
`torch.backends.mps.is_available()` from torch 2.14 on (traced-since-2-14).

## Why is this bad
The answer is a Python value that Dynamo neither knows nor traces: the graph ends at the call.

## What to do
Ask once, in `__init__` or where the model is set up, and keep the answer on the module.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC456",
    name="hardware-query",
    summary="the machine or the build of torch is asked in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=(
        "GB0208",
        "GB0007",
    ),
    calls=(
        "torch.cuda.is_bf16_supported",
        "torch.backends.cudnn.is_available",
        "torch.backends.mkldnn.is_available",
        "torch.backends.mkl.is_available",
        "torch.backends.openmp.is_available",
        "torch.backends.opt_einsum.is_available",
        "torch.backends.cuda.is_built",
        "torch.backends.cuda.flash_sdp_enabled",
        "torch.backends.cuda.math_sdp_enabled",
        "torch.backends.cuda.mem_efficient_sdp_enabled",
        "torch.backends.cuda.preferred_linalg_library",
        "torch.backends.cpu.get_cpu_capability",
        "torch.cpu.is_available",
        "torch.cpu.device_count",
        "torch.cpu.current_device",
        "torch.cpu._is_avx2_supported",
        "torch.accelerator.device_count",
        "torch.is_vulkan_available",
        "torch.hub.get_dir",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` asks the machine, which is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="ask once, in `__init__`",
    )

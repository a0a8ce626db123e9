"""Rotary embedding by complex multiplication is captured, but not compiled into kernels.

## What it does
Finds `torch.view_as_complex`, `view_as_real`, `torch.polar` and `torch.complex` in code that a compiled
region reaches: the usual form of rotary position embedding.

## Why is this bad
It is no graph break in any release from 2.1 on. But Inductor generates no code for complex numbers: each
operation becomes a call into ATen, nothing fuses with it (5 fallbacks and no fused kernel for Llama's form,
against 1 fused kernel for the real form), and it warns once per process.

## What to do
Rotate with real cosines and sines. The half-split form (`rotate_half`) needs permuted weights and was the
fastest compiled form on CPU; the interleaved form keeps the weights and was slower there than the complex
one, so measure on the device at hand before you rely on a gain.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC701",
    name="complex-rotation",
    summary="rotary embedding by complex multiplication is captured, but not compiled into kernels",
    severity=Severity.WARNING,
    effects=(Effect.FALLBACK,),
    versions=">=2.1",
    calls=(
        "torch.view_as_complex",
        "torch.view_as_real",
        "torch.polar",
        "torch.complex",
    ),
    applies=("inductor",),
    matrix=(
        "rope_complex_polar_inline",
        "rope_complex_buffer",
        "rope_complex_graph_input",
        "rope_torch_complex_ctor",
        "rope_rotate_half",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield Problem(
        node,
        f"`{facts.source(node.func)}` makes complex numbers, for which Inductor generates no code",
        because=(facts.callee(node),),
        suggestion="rotate with real cosines and sines; measure, since only the fusion is certain",
    )

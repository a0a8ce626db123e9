"""A Fourier transform falls back to a library call.

## What it does
Finds `torch.fft.*`, `torch.stft` and `torch.istft`.

## Why is this bad
Dynamo captures them, but Inductor generates no code for them nor for what is complex around them: they run
as library calls, and nothing is fused across.

## What to do
Keep the transform at the edge of the model, and take the real part or the magnitude right behind it. For a
short fixed window a convolution with the transform's basis fuses.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

RULE = Rule(
    code="BC702",
    name="fourier-transform",
    summary="a Fourier transform falls back to a library call",
    severity=Severity.INFO,
    effects=(Effect.FALLBACK,),
    versions=">=2.1",
    calls=("torch.fft.*", "torch.stft", "torch.istft", "torch.Tensor.stft", "torch.Tensor.istft"),
    applies=("inductor",),
)

# These make a plain real tensor, or only move data.
PLAIN = frozenset(("fftfreq", "rfftfreq", "fftshift", "ifftshift"))


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if callee.name.rpartition(".")[2] in PLAIN:
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` runs as a library call, and nothing is fused across it",
        because=(callee,),
        suggestion="keep the transform at the edge of the model",
    )

"""An op that torch_xla has no lowering for.

## What it does
Finds ops that torch_xla 2.9 runs on the host, each measured: `median`, `mode`, `histc`, `searchsorted`, `lgamma`,
`torch.special` functions, FFTs, `qr`, `det`, `embedding_bag`, bicubic `interpolate` and others. Selected on request, for
models that run on TPUs through torch_xla.

## Why is this bad
The program is cut at the op: its inputs travel to the host, the op runs there, its result travels back, on every call.
Nothing says so but a counter named after the op; Dynamo shows no break.

## What to do
Write it with ops that are lowered (`sort` and an index for a median, a sum of comparisons for a histogram), or compute
it outside the step.

## Fix safety
No fix is offered: another formula has other rounding.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

# Measured with torch_xla 2.9.0 on XLA:CPU: each of these moves its `aten::` counter once a call.
_FUNCTIONS = (
    "bucketize", "copysign", "cummin", "digamma", "frexp", "gcd", "heaviside", "histc", "hypot", "i0", "igamma",
    "igammac", "lcm", "lgamma", "logcumsumexp", "median", "mode", "nanmedian", "nextafter", "polygamma", "renorm",
)  # fmt: skip
_ELSEWHERE = (
    "torch.poisson", "torch.searchsorted", "torch.fft.fft", "torch.fft.rfft", "torch.linalg.cholesky",
    "torch.linalg.det", "torch.linalg.qr", "torch.linalg.solve", "torch.nn.functional.embedding_bag",
    "torch.nn.functional.fractional_max_pool2d", "torch.nn.functional.grid_sample", "torch.special.bessel_j0",
    "torch.special.erfcx", "torch.special.i0e", "torch.special.i1", "torch.special.log_ndtr", "torch.special.ndtri",
    "torch.special.zeta",
)  # fmt: skip

RULE = Rule(
    code="BC805",
    name="op-without-lowering",
    summary="an op without a lowering runs on the host, in the middle of an XLA program",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=(
        *(f"torch.{name}" for name in _FUNCTIONS),
        *(f"torch.Tensor.{name}" for name in _FUNCTIONS),
        *_ELSEWHERE,
    ),
    applies=("xla",),
    default=False,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield Problem(
        node,
        f"`{facts.source(node)}` has no lowering to XLA and runs on the host",
        because=(facts.callee(node),),
        suggestion="write it with ops that are lowered, or compute it outside the step",
    )

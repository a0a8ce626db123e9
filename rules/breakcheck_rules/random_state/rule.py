"""The state of torch's random generators is read or set in compiled code.

## What it does
Finds `torch.manual_seed`, `get_rng_state`, `set_rng_state`, `initial_seed`, their CUDA forms, and
`torch.Generator(...)` with its methods. Drawing from the default generator is captured.

## Why is this bad
The generators live outside the graph, which ends at each of these calls.

## What to do
Seed before the call of the compiled model, or pass the noise in as an argument.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC432",
    name="random-state",
    summary="the state of torch's random generators is read or set in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.4",
    gb_ids=("GB0007", "GB0208", "GB0363", "GB7650"),
    calls=(
        "torch.manual_seed",
        "torch.random.manual_seed",
        "torch.cuda.manual_seed",
        "torch.cuda.manual_seed_all",
        "torch.cuda.random.manual_seed",
        "torch.cuda.random.manual_seed_all",
        "torch.initial_seed",
        "torch.random.initial_seed",
        "torch.get_rng_state",
        "torch.set_rng_state",
        "torch.random.get_rng_state",
        "torch.random.set_rng_state",
        "torch.cuda.get_rng_state",
        "torch.cuda.set_rng_state",
        "torch.Generator",
        "torch.Generator.*",
    ),
    matrix=("cx_manual_seed", "cx_get_rng_state", "cx_generator_ctor"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reaches for a generator outside the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="seed before the call of the compiled model, or pass the noise in",
    )

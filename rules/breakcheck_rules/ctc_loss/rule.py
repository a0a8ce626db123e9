"""`ctc_loss` picks its algorithm by reading the lengths.

## What it does
Finds calls of `torch.nn.functional.ctc_loss` and of an `nn.CTCLoss` module.

## Why is this bad
The operator's internal buffers are sized by the target lengths, so its shape depends on data and the graph
ends there.

## What to do
Compute the loss outside the compiled region: compile the model, not the training step.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC212",
    name="ctc-loss",
    summary="`ctc_loss` picks its algorithm by reading the lengths",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0036", "GB0033"),
    calls=("torch.nn.functional.ctc_loss", "torch.ctc_loss", "torch.nn.CTCLoss.__call__"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reads lengths back to Python",
        facts,
        because=(facts.callee(node),),
        suggestion="compute the loss outside the compiled region",
    )

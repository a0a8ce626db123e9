"""Sequences are packed or unpacked in compiled code.

## What it does
Finds `pack_padded_sequence`, `pad_packed_sequence` and `pack_sequence`. `pad_sequence` is captured.

## Why is this bad
Packing sorts by lengths that it reads on the host, in code that Dynamo skips: the graph ends there, and the
recurrent module that usually follows is not captured either.

## What to do
Run the padded batch and mask the result, or keep packing, the recurrent module and unpacking outside the
compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC411",
    name="packed-sequence",
    summary="sequences are packed or unpacked in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=(
        "torch.nn.utils.rnn.pack_padded_sequence",
        "torch.nn.utils.rnn.pad_packed_sequence",
        "torch.nn.utils.rnn.pack_sequence",
    ),
    matrix=("ag_pack_padded_sequence",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` reads lengths on the host and is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="run the padded batch and mask the result",
    )

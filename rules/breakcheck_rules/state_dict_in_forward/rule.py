"""`state_dict` inside compiled code.

## What it does
Finds `module.state_dict()` in reached code. torch 2.13 captures it, the releases before and after do not.

## Why is this bad
The dict that is made carries metadata as an attribute, which Dynamo can't set: the graph ends there.

## What to do
Read the parameters by their attribute, or through `named_parameters()`, which is captured.

## Fix safety
No fix is offered: the dict may hold buffers and extra state besides parameters.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC453",
    name="state-dict-in-forward",
    summary="`state_dict` inside compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.6,!=2.13.*",
    gb_ids=("GB0467", "GB0059"),
    calls=("torch.nn.Module.state_dict",),
    matrix=("st_state_dict_in_forward",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` makes a dict with metadata, which is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="read the attribute, or go through `named_parameters()`",
    )

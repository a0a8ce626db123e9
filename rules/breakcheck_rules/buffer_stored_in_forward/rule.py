"""An `nn.Buffer` is made an attribute of a module in compiled code.

## What it does
Finds `self.table = nn.Buffer(...)` in reached code. A plain tensor assigned to an attribute, `register_buffer`,
and an `nn.Buffer` that is only used are captured.

## Why is this bad
The module asks what kind of attribute it is given, which Dynamo can't answer for a buffer: the graph ends
there.

## What to do
Make the buffer in `__init__`; a table that is first known in `forward` can be a plain tensor attribute or be
registered with `self.register_buffer`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC448",
    name="buffer-stored-in-forward",
    summary="an `nn.Buffer` is made an attribute of a module in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.13",
    gb_ids=("GB4841",),
    nodes=(ast.Assign, ast.AnnAssign),
)


def match(node: ast.Assign | ast.AnnAssign, facts: Facts) -> Iterator[Problem]:
    if not isinstance(node.value, ast.Call) or facts.callee(node.value).name != "torch.nn.Buffer":
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Attribute) and facts.value(target.value).kind is Kind.MODULE:
            yield breaks(
                target,
                f"`{facts.source(target)}` becomes a buffer of the module while it is traced",
                facts,
                because=(facts.callee(node.value), facts.value(target.value)),
                suggestion="make the buffer in `__init__`, or assign the plain tensor",
            )

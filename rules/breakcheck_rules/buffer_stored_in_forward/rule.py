"""An `nn.Buffer` is made an attribute of a module in compiled code.

## What it does
Finds `self.table = nn.Buffer(...)` in reached code, and `self.table = self.table.to(...)` where what is converted
is an `nn.Buffer`: a conversion that has nothing to do gives the buffer itself back, which is taken for granted. A plain
tensor assigned to an attribute, `register_buffer`, and an `nn.Buffer` that is only used are captured.

## Why is this bad
The module asks what kind of attribute it is given, which Dynamo can't answer for a buffer: the graph ends
there.

## What to do
Make the buffer in `__init__`; a table that is first known in `forward` can be a plain tensor attribute or be
registered with `self.register_buffer`. Bind what is converted to a name of the function.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Assumable, Effect, Facts, Kind, Problem, Rule, Severity, assumption, breaks

RULE = Rule(
    code="BC448",
    name="buffer-stored-in-forward",
    summary="an `nn.Buffer` is made an attribute of a module in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB4841",),
    nodes=(ast.Assign, ast.AnnAssign),
)


# Conversions of a tensor that give the tensor itself back where there is nothing to convert.
CONVERSIONS = frozenset(("to", "type", "cpu", "cuda", "float", "half", "double", "bfloat16", "contiguous"))


def match(node: ast.Assign | ast.AnnAssign, facts: Facts) -> Iterator[Problem]:
    because = _buffer(node.value, facts) if node.value is not None else ()
    if not because:
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Attribute) and facts.value(target.value).kind is Kind.MODULE:
            yield breaks(
                target,
                f"`{facts.source(target)}` becomes a buffer of the module while it is traced",
                facts,
                because=(*because, facts.value(target.value)),
                suggestion="make the buffer in `__init__`, or assign the plain tensor",
            )


def _buffer(node: ast.expr, facts: Facts) -> tuple[Assumable, ...]:
    """Why an expression is an `nn.Buffer`; () when it is none."""
    if not isinstance(node, ast.Call):
        return ()
    if facts.callee(node).name == "torch.nn.Buffer":
        return (facts.callee(node),)
    if isinstance(node.func, ast.Attribute) and facts.callee(node).name.rpartition(".")[2] in CONVERSIONS:
        held = facts.value(node.func.value)
        if held.kind is Kind.TENSOR and held.name == "torch.nn.Buffer":
            return (held, assumption("taken to have nothing to convert", node, facts))
    return ()

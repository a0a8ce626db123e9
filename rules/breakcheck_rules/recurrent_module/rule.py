"""An `nn.LSTM`, `nn.GRU` or `nn.RNN` is used in compiled code.

## What it does
Finds the first use of an `nn.LSTM`, `nn.GRU` or `nn.RNN` module in a function: the call, or whatever
touches it before. The cells (`nn.LSTMCell` and the like) are captured.

## Why is this bad
Dynamo refuses to look at these modules: the frame that touches one runs eagerly as a whole (torch 2.15 and
later split it at the call instead).

## What to do
Set `torch._dynamo.config.allow_rnn = True`, which gives one graph; or use the cell in a loop, which
unrolls; or keep the recurrent part outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, assumption, seen_before, walk

CLASSES = ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN")

RULE = Rule(
    code="BC410",
    name="recurrent-module",
    summary="an `nn.LSTM`, `nn.GRU` or `nn.RNN` is used in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0014", "GB0148"),
    calls=(*CLASSES, *(f"{name}.__call__" for name in CLASSES)),
    nodes=(ast.Attribute, ast.Name),
    kind=Kind.MODULE,
    matrix=("ag_nn_lstm",),
)

_MESSAGE = "`{}` is an `{}`, which Dynamo refuses"
_REMEDY = "set `torch._dynamo.config.allow_rnn = True`, or keep it outside the compiled region"


def match(node: ast.Attribute | ast.Name | ast.Call, facts: Facts) -> Iterator[Problem]:
    value = _recurrent(facts.value(node))
    if isinstance(node, ast.Call) and facts.callee(node).name.endswith(".__call__"):
        # Of a class derived from one, without a `forward` of its own: what is named so by its value is seen there.
        if _recurrent(facts.value(node.func)) is None:
            yield Problem(
                node, _MESSAGE.format(facts.source(node.func), "nn.RNN"), (facts.callee(node),), _REMEDY
            )
        return
    if value is None:
        return
    if isinstance(node, (ast.Attribute, ast.Name)) and (
        not isinstance(node.ctx, ast.Load) or _bound_here(node, facts) or seen_before(node, facts)
    ):
        return
    parent = facts.parent(node)
    kinds = [alt.name in CLASSES for alt in facts.value(node).alts]
    granted = (
        (assumption("taken for the recurrent one of several modules", node, facts),)
        if sum(kinds) > 1 and not all(kinds)
        else ()
    )
    if facts.value(node).optional:
        granted = (*granted, assumption("taken to be there", node, facts))
    called = isinstance(parent, ast.Call) and parent.func is node
    yield Problem(
        parent if called and parent is not None else node,
        _MESSAGE.format(facts.source(node), value.name.removeprefix("torch.")),
        because=(value, *granted),
        suggestion=_REMEDY,
    )


def _recurrent(value: Value) -> Value | None:
    """The recurrent module that a value is, or is in a subclass that replaces what its base class made."""
    return next((alt for alt in value.alts or (value,) if alt.name in CLASSES), None)


def _bound_here(node: ast.Attribute | ast.Name, facts: Facts) -> bool:
    """Whether a name was bound to the module in this function, from an expression that is reported itself."""
    function = facts.function(node)
    if not isinstance(node, ast.Name) or function is None:
        return False
    for other in walk(function):
        if isinstance(other, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == node.id for target in other.targets
        ):
            return True
    return False

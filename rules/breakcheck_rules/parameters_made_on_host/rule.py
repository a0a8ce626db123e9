"""Parameters made on the host and moved to the XLA device.

## What it does
Finds `Model(...).to(device)`, and `model.to(device)` where `model` was made by calling a class in the same function, with
an XLA device, whatever part of the program it stands in. Selected on request, for models that run on TPUs.

## Why is this bad
The whole model is made in host memory first, in float32, and then sent over: 70B parameters are 276 GB that few hosts
have, sent in one go. Made on the device, nothing is sent: in the example 16 KiB a call against a scalar.

## What to do
Make it under `torch.device("meta")` (or the XLA device itself), then materialise and initialise it layer by layer,
marking the sharding of each, so that no host holds more than a shard.

## Fix safety
No fix is offered: how a model is initialised or loaded is its own affair.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, assumption, walk

_DEVICES = ("torch_xla.device", "torch_xla.core.xla_model.xla_device")

RULE = Rule(
    code="BC810",
    name="parameters-made-on-host",
    summary="parameters made on the host travel to the XLA device, and need the host's memory first",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    calls=(".to",),
    applies=("xla",),
    default=False,
    host=True,
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    device = facts.argument(node, 0, "device")
    if device is None or not isinstance(node.func, ast.Attribute):
        return
    scope = facts.function(node)
    if not _is_xla(device, scope, facts) or not _is_module(node.func.value, scope, facts):
        return
    if _under_device(node, facts):
        return
    yield Problem(
        node,
        f"`{facts.source(node)}` sends parameters that were made on the host",
        because=(assumption(f"`{facts.source(node.func.value)}` is taken for a module", node, facts),),
        suggestion='make it under `torch.device("meta")` and materialise it layer by layer',
    )


def _assigned(name: str, scope: ast.AST | None) -> list[ast.expr]:
    """What a name is assigned in a function."""
    return [
        each.value
        for each in (walk(scope) if scope is not None else ())
        if isinstance(each, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in each.targets)
    ]


def _is_xla(device: ast.expr, scope: ast.AST | None, facts: Facts) -> bool:
    found = [device]
    if isinstance(device, ast.Name):
        found = _assigned(device.id, scope)
    for value in found:
        for each in walk(value):
            called = facts.callee(each).name if isinstance(each, ast.Call) else ""
            if called in _DEVICES:
                return True
            if (
                called == "torch.device"
                and isinstance(each, ast.Call)
                and each.args
                and _names_xla(each.args[0])
            ):
                return True
        if _names_xla(value):
            return True
    return False


def _names_xla(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.split(":")[0] == "xla"
    )


def _is_module(holder: ast.expr, scope: ast.AST | None, facts: Facts) -> bool:
    """Whether an expression is an instance of a class made here: a call of a capitalised name."""
    if isinstance(holder, ast.Name):
        return any(_is_module(value, None, facts) for value in _assigned(holder.id, scope))
    if not isinstance(holder, ast.Call) or _under_device(holder, facts):
        return False
    name = ast.unparse(holder.func).rpartition(".")[2]
    return name[:1].isupper() and name not in ("Tensor", "LongTensor", "FloatTensor", "Parameter")


def _under_device(node: ast.AST, facts: Facts) -> bool:
    """Whether a node stands in a `with` of a device, under which parameters are not made on the host."""
    parent = facts.parent(node)
    while parent is not None:
        if isinstance(parent, ast.With):
            for item in parent.items:
                text = ast.unparse(item.context_expr)
                if "device" in text or "meta" in text or "empty" in text:
                    return True
        parent = facts.parent(parent)
    return False

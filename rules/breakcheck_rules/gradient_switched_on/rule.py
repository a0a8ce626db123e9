"""`requires_grad_()` on a tensor that the graph computed.

## What it does
Finds `t.requires_grad_()` where `t` was computed in the same function, is a buffer of the module or an argument of the
function. On a parameter, on an argument that has a gradient already, and with `False`, it is captured.

## Why is this bad
The tensor becomes a leaf of the autograd graph in the middle of a compiled one, and whatever is computed
from it leaves the graph with a gradient that can't be traced back: the graph ends there.

## What to do
Make the leaf outside the compiled region and pass it in; or take the gradient with `torch.func.grad`, which
is captured.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import (
    Effect,
    Facts,
    Problem,
    Rule,
    Severity,
    assumption,
    breaks,
    is_given,
    made_here,
    walk,
)

RULE = Rule(
    code="BC421",
    name="gradient-switched-on",
    summary="`requires_grad_()` on a tensor that the graph computed",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.4",
    gb_ids=("GB8985", "GB0125"),
    calls=("torch.Tensor.requires_grad_",),
    matrix=("ag_requires_grad_inplace",),
)

# What the value of an attribute that is a buffer is named by.
BUFFERS = ("torch.nn.Buffer", "torch.nn.Module.register_buffer")


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, 0, "requires_grad")
    if isinstance(given, ast.Constant) and given.value is False:
        return
    if not isinstance(node.func, ast.Attribute):
        return
    owner = node.func.value
    argument = is_given(owner, facts)
    if facts.value(owner).name not in BUFFERS and not argument and not made_here(owner, facts):
        return
    if _asked_for_at_birth(node.func.value, facts):
        return  # a leaf already: leaf-made-in-forward
    granted = (assumption("taken to come without a gradient", node, facts),) if argument else ()
    yield breaks(
        node,
        f"`{facts.source(node)}` makes a leaf in the middle of the graph",
        facts,
        because=(facts.callee(node), *granted),
        suggestion="make the leaf outside the compiled region, or use `torch.func.grad`",
    )


def _asked_for_at_birth(node: ast.expr, facts: Facts) -> bool:
    """Whether the tensor was made with `requires_grad=...`."""
    function = facts.function(node)
    return isinstance(node, ast.Name) and any(
        isinstance(made, ast.Assign)
        and isinstance(made.value, ast.Call)
        and any(keyword.arg == "requires_grad" for keyword in made.value.keywords)
        and any(isinstance(target, ast.Name) and target.id == node.id for target in made.targets)
        for made in (walk(function) if function is not None else ())
    )

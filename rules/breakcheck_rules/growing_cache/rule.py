"""A buffer that grows by concatenation with every call.

## What it does
Finds `self.cache = torch.cat((self.cache, new))`: an attribute assigned the concatenation of itself with something.
Selected on request, for models that run on TPUs through torch_xla.

## Why is this bad
XLA compiles a program for exact shapes, so that every call, with a buffer one row longer, is a program of its own:
decoding compiles once a token.

## What to do
Allocate the cache at its full size and write into it with `index_copy_` at a position that is a tensor.

## Fix safety
No fix is offered: the size to allocate is not in the code.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity

_JOINING = ("torch.cat", "torch.concat", "torch.concatenate", "torch.hstack", "torch.vstack")

RULE = Rule(
    code="BC802",
    name="growing-cache",
    summary="a buffer that grows by concatenation compiles a program a call on XLA",
    severity=Severity.WARNING,
    effects=(Effect.XLA,),
    versions=">=2.1",
    nodes=(ast.Assign,),
    applies=("xla",),
    default=False,
)


def match(node: ast.Assign, facts: Facts) -> Iterator[Problem]:
    value = node.value
    if (
        not isinstance(value, ast.Call)
        or not value.args
        or not isinstance(value.args[0], (ast.Tuple, ast.List))
    ):
        return
    callee = facts.callee(value)
    if callee.name not in _JOINING:
        return
    joined = {ast.dump(_as_read(item)) for item in value.args[0].elts}
    for target in node.targets:
        held = target.value if isinstance(target, ast.Subscript) else target
        if isinstance(held, ast.Attribute) and ast.dump(_as_read(target)) in joined:
            yield Problem(
                node,
                f"`{facts.source(target)}` grows with every call, and XLA compiles a program for each length",
                because=(callee,),
                suggestion="allocate it at full size and write with `index_copy_`",
            )
            return


def _as_read(node: ast.expr) -> ast.expr:
    """The expression as it stands where it is read."""
    text = ast.unparse(node)
    return ast.parse(text, mode="eval").body

"""An int attribute of a module changes at every call.

## What it does
Finds `self.count += 1`, `self.count = self.count + 1` and the same with `getattr(self, "count", 0)`, where
the attribute is an int. Float attributes are captured, and so is an int that is only written.

## Why is this bad
Dynamo takes the int attributes of modules for constants and guards each: a new value is a new compilation.
(In torch 2.6 it was one compilation in all.) After eight compilations
(`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs eagerly for good, without
an error.

## What to do
Keep the counter in a buffer (`self.count.add_(1)`), count outside the compiled region, or set
`torch._dynamo.config.allow_unspec_int_on_nn_module = True`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value

RULE = Rule(
    code="BC601",
    name="module-counter",
    summary="an int attribute of a module changes at every call",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.9",
    nodes=(ast.AugAssign, ast.Assign),
    matrix=("st_int_counter", "st_int_counter_branch", "rc_module_float_step"),
)


def match(node: ast.AugAssign | ast.Assign, facts: Facts) -> Iterator[Problem]:
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    if not isinstance(target, ast.Attribute):
        return
    before: ast.expr = target
    if isinstance(node, ast.AugAssign):
        step, moves = node.value, isinstance(node.op, (ast.Add, ast.Sub))
    elif isinstance(node.value, ast.BinOp) and isinstance(node.value.op, (ast.Add, ast.Sub)):
        before, step = node.value.left, node.value.right
        moves = ast.unparse(before) == ast.unparse(target) or _gets(before, target)
    else:
        return
    owner = facts.value(target.value)
    if moves and isinstance(before, ast.Call):
        before = before.args[2]
    if moves and owner.kind is Kind.MODULE and _is_int(facts.value(before)) and _is_int(facts.value(step)):
        yield Problem(
            node,
            f"`{facts.source(target)}` is an int that changes at every call, and each value is compiled anew",
            because=(owner,),
            suggestion="keep the counter in a buffer, or count outside the compiled region",
        )


def _gets(before: ast.expr, target: ast.Attribute) -> bool:
    """Whether `before` is `getattr(owner, "name", default)` of the target."""
    return (
        isinstance(before, ast.Call)
        and isinstance(before.func, ast.Name)
        and before.func.id == "getattr"
        and len(before.args) == 3
        and ast.unparse(before.args[0]) == ast.unparse(target.value)
        and isinstance(before.args[1], ast.Constant)
        and before.args[1].value == target.attr
    )


def _is_int(value: Value) -> bool:
    if value.kind is Kind.CONST:
        return type(value.const) is int
    return value.kind is Kind.SIZE or (value.kind is Kind.PYTHON and value.name == "int")

"""A global int is changed in compiled code.

## What it does
Finds `global COUNT; COUNT += 1`. From torch 2.14 on it costs nothing.

## Why is this bad
Dynamo takes a global int for a constant and guards it: a new value is a new compilation. After eight
compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs eagerly for
good, without an error.

## What to do
Count outside the compiled region, or in a tensor.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, within

RULE = Rule(
    code="BC610",
    name="global-counter",
    summary="a global int is changed in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.1,<2.14",
    nodes=(ast.AugAssign,),
    matrix=("se_global_int_mutation",),
)


def match(node: ast.AugAssign, facts: Facts) -> Iterator[Problem]:
    function = facts.function(node)
    target = node.target
    if not isinstance(target, ast.Name) or function is None or not isinstance(node.op, (ast.Add, ast.Sub)):
        return
    step = facts.value(node.value)
    number = step.kind is Kind.SIZE or (step.kind is Kind.CONST and type(step.const) is int)
    if not number and not (step.kind is Kind.PYTHON and step.name == "int"):
        return
    if any(isinstance(each, ast.Global) and target.id in each.names for each in within(function, ast.Global)):
        yield Problem(
            node,
            f"the global `{target.id}` is another int at every call, and each value is compiled anew",
            because=(facts.reach(node),),
            suggestion="count outside the compiled region, or in a tensor",
        )

"""`torch.as_tensor` is given a number.

## What it does
Finds `torch.as_tensor(n)` where `n` is an int argument or a size, or a list that holds one.
`torch.tensor(n)` and `torch.full((), n)` are captured without.

## Why is this bad
Dynamo makes the number a constant here: every other value is a new compilation. After eight compilations
(`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs eagerly for good, without
an error.

## What to do
Write `torch.tensor(n)`, which takes the number as an input of the graph.

## Fix safety
`torch.as_tensor(n)` becomes `torch.tensor(n)`: for a number or a list of numbers both make the same new
tensor.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, parameters

RULE = Rule(
    code="BC605",
    name="number-as-tensor",
    summary="`torch.as_tensor` is given a number",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.1",
    calls=("torch.as_tensor", "torch.asarray"),
    matrix=("rc_int_as_tensor_inside", "rc_tensor_scalar_vs_int"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    given = facts.argument(node, 0, "data")
    if given is None:
        return
    number = _number(given, facts)
    if number is not None:
        yield Problem(
            node,
            f"`{facts.source(node)}` makes the number a constant: each value is compiled anew",
            because=(facts.callee(node), number),
            suggestion="write `torch.tensor(...)`",
        )


def _number(given: ast.expr, facts: Facts) -> Value | None:
    """The int that changes from call to call, None when there is none."""
    parts = given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]
    for part in parts:
        value = facts.value(part)
        if value.kind is Kind.SIZE or (
            value.kind is Kind.PYTHON and value.name == "int" and _argument(part, facts)
        ):
            return value
    return None


def _argument(part: ast.expr, facts: Facts) -> bool:
    """Whether the int is a parameter of the function: an attribute or a loop's counter is a constant anyway."""
    function = facts.function(part)
    return (
        isinstance(part, ast.Name)
        and function is not None
        and any(each.arg == part.id for each in parameters(function))
    )

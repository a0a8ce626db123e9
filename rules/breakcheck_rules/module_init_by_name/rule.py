"""`nn.Module.__init__` is called by name in compiled code.

## What it does
Finds `nn.Module.__init__(self)` in the constructor of a module that is made in reached code: a loss, a matcher. The
same constructor with `super().__init__()` is captured.

## Why is this bad
Dynamo puts a function of its own in the place of `nn.Module.__init__` and follows it only through `super()`: the graph
ends there, and the half-built module gives up the frames around it.

## What to do
Write `super().__init__()`, or make the module in `__init__` of the model.

## Fix safety
No fix is offered: with several base classes `super()` may mean another constructor.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC455",
    name="module-init-by-name",
    summary="`nn.Module.__init__` is called by name in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0007", "GB0119"),
    calls=("torch.nn.Module.__init__",),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not isinstance(owner, (ast.Attribute, ast.Name)):
        return  # `super().__init__()`
    yield breaks(
        node,
        f"`{facts.source(node)}` is not followed into the constructor",
        facts,
        because=(facts.callee(node),),
        suggestion="write `super().__init__()`",
    )

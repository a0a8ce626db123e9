"""The largest size so far is kept on the module.

## What it does
Finds `if x.shape[0] > self.longest: self.longest = x.shape[0]`: an attribute that is compared with a size
and then set to it.

## Why is this bad
The attribute is a constant of the graph: each time it grows, the graph is compiled anew. After eight
compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs eagerly for
good, without an error.

## What to do
Build for the largest size in `__init__`, and slice.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, walk

RULE = Rule(
    code="BC609",
    name="size-kept-on-module",
    summary="the largest size so far is kept on the module",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.9",
    nodes=(ast.If,),
    matrix=("st_register_buffer_in_forward",),
)


def match(node: ast.If, facts: Facts) -> Iterator[Problem]:
    if not isinstance(node.test, ast.Compare) or len(node.test.comparators) != 1:
        return
    sides = [node.test.left, node.test.comparators[0]]
    if isinstance(node.test.ops[0], (ast.Lt, ast.LtE)):
        sides.reverse()  # larger side first
    elif not isinstance(node.test.ops[0], (ast.Gt, ast.GtE)):
        return
    size, attribute = sides
    if facts.value(size).kind is not Kind.SIZE or _on_module(size, facts):
        return
    if isinstance(attribute, ast.Attribute) and _on_module(attribute, facts) and _assigned(node, attribute):
        yield Problem(
            node.test,
            f"`{facts.source(attribute)}` is a constant of the graph: each time it grows is a new compilation",
            because=(facts.value(size),),
            suggestion="build for the largest size in `__init__`, and slice",
        )


def _on_module(side: ast.expr, facts: Facts) -> bool:
    return isinstance(side, ast.Attribute) and facts.value(side.value).kind is Kind.MODULE


def _assigned(node: ast.If, attribute: ast.Attribute) -> bool:
    """Whether the branch sets the attribute."""
    text = ast.unparse(attribute)
    return any(
        isinstance(inner, ast.Assign) and any(ast.unparse(target) == text for target in inner.targets)
        for statement in node.body
        for inner in walk(statement)
    )

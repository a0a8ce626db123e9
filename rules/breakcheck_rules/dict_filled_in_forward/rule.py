"""A dict on a module is filled on first use.

## What it does
Finds `if key not in self.cache: self.cache[key] = ...` where the dict is an attribute of a module and the
key holds no size (sizes are BC603).

## Why is this bad
Dynamo guards that the key is absent: the second call, which finds it, is compiled again. A table filled in
steps (one key a layer or device) pays once for each.

## What to do
Build the table in `__init__`, as a buffer.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, walk

RULE = Rule(
    code="BC611",
    name="dict-filled-in-forward",
    summary="a dict on a module is filled on first use",
    severity=Severity.INFO,
    effects=(Effect.RECOMPILE,),
    versions=">=2.6",
    nodes=(ast.If,),
    matrix=("st_dict_cache_tensor", "rope_cached_dict_dev_idx"),
)


def match(node: ast.If, facts: Facts) -> Iterator[Problem]:
    test = node.test
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.NotIn):
        return
    table = test.comparators[0]
    held = facts.value(table)
    if held.kind is not Kind.CONTAINER or held.name != "dict" or not isinstance(table, ast.Attribute):
        return
    if facts.value(table.value).kind is not Kind.MODULE:
        return
    if any(facts.value(part).kind is Kind.SIZE for part in walk(test.left) if isinstance(part, ast.expr)):
        return
    text = f"{ast.unparse(table)}[{ast.unparse(test.left)}]"
    for statement in node.body:
        for inner in walk(statement):
            if isinstance(inner, ast.Assign) and any(ast.unparse(target) == text for target in inner.targets):
                yield Problem(
                    test,
                    f"`{facts.source(table)}` is filled on first use, so the call after it is compiled again",
                    because=(held,),
                    suggestion="build the table in `__init__`, as a buffer",
                )
                return

"""A list or dict is indexed by a size.

## What it does
Finds `cache[x.shape[0]]`, `cache.get(x.shape[0])` and keys that hold a size, in lists, tuples and dicts.

## Why is this bad
A symbolic size has no value to look up, so Dynamo makes it a constant: every other size is a new
compilation. After eight compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up,
and it runs eagerly for good, without an error. A size that is the same in all calls costs nothing.

## What to do
Compute the entry from the size instead of looking it up; or build one table for the largest size and slice
it.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, seen_before

RULE = Rule(
    code="BC603",
    name="lookup-by-size",
    summary="a list or dict is indexed by a size",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.6",
    calls=("builtins.dict.get", "builtins.dict.setdefault", "builtins.dict.pop"),
    nodes=(ast.Subscript,),
    matrix=("rc_shape_key_dict", "se_fstring_shape"),
)


def match(node: ast.Subscript | ast.Call, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.Subscript):
        table, key = node.value, node.slice
    elif isinstance(node.func, ast.Attribute) and node.args:
        table, key = node.func.value, node.args[0]
    else:
        return
    held = facts.value(table)
    if (
        held.kind is not Kind.CONTAINER
        or held.name not in ("dict", "list", "tuple")
        or isinstance(key, ast.Slice)
    ):
        return
    size = _size_in(key, facts)
    if size is None or _earlier(node, facts):
        return
    yield Problem(
        node,
        f"`{facts.source(key)}` is looked up, so each of its values is compiled anew",
        because=(held, size),
        suggestion="compute the entry from the size, or slice one table made for the largest size",
    )


def _size_in(key: ast.expr, facts: Facts) -> Value | None:
    """The size that makes the key change, None when there is none."""
    value = facts.value(key)
    if value.kind is Kind.SIZE:
        return value
    parts: list[ast.expr] = []
    if isinstance(key, ast.Tuple):
        parts = key.elts
    elif isinstance(key, ast.JoinedStr):
        parts = [part.value for part in key.values if isinstance(part, ast.FormattedValue)]
    for part in parts:
        found = facts.value(part)
        if found.kind is Kind.SIZE:
            return found
    return None


def _earlier(node: ast.Subscript | ast.Call, facts: Facts) -> bool:
    """Whether the same look-up was made before, so that the size is a constant already."""
    if isinstance(node, ast.Call):
        return False
    return isinstance(node.ctx, ast.Load) and seen_before(node, facts)

"""A list that outlives the call grows at every call.

## What it does
Finds `self.items.append(...)`, `GLOBAL.append(...)`, `extend`, `+=` and `set.add` in reached code on a list
or set that lives on a module or in a global, unless the function clears or replaces it.

## Why is this bad
Dynamo guards the length of lists it touches: one element more is a new compilation. After eight
compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up, and it runs eagerly for
good, without an error.

## What to do
Return what is collected, write into a preallocated tensor (`index_copy_`), or collect in a hook outside the
compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, walk, within

RULE = Rule(
    code="BC602",
    name="growing-list",
    summary="a list that outlives the call grows at every call",
    severity=Severity.WARNING,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.4",
    calls=("builtins.list.append", "builtins.list.extend", "builtins.list.insert", "builtins.set.add"),
    nodes=(ast.AugAssign,),
    matrix=("st_kv_list_append", "ag_forward_hook_append", "se_global_list_append_tensor"),
)


def match(node: ast.Call | ast.AugAssign, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.AugAssign):
        items: ast.expr = node.target
        if not isinstance(node.op, ast.Add):
            return
    elif isinstance(node.func, ast.Attribute):
        items = node.func.value
    else:
        return
    value = facts.value(items)
    if value.kind is not Kind.CONTAINER:
        return
    if not _outlives(items, facts) or _renewed(items, facts):
        return
    yield Problem(
        node,
        f"`{facts.source(items)}` grows at every call, and each length is compiled anew",
        because=(value,),
        suggestion="return what is collected, or write into a preallocated tensor",
    )


def _outlives(items: ast.expr, facts: Facts) -> bool:
    """Whether the list is an attribute of a module, or a global."""
    if isinstance(items, ast.Attribute):
        return facts.value(items.value).kind is Kind.MODULE
    function = facts.function(items)
    if not isinstance(items, ast.Name) or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    if function.col_offset not in (0, 4):
        return False
    for node in within(function, ast.arg, ast.Name):
        if isinstance(node, ast.arg) and node.arg == items.id:
            return False
        if isinstance(node, ast.Name) and node.id == items.id and isinstance(node.ctx, ast.Store):
            return False
    return True


def _renewed(items: ast.expr, facts: Facts) -> bool:
    """Whether the function clears the list or binds a new one to its name."""
    function = facts.function(items)
    text = ast.unparse(items)
    for node in walk(function) if function is not None else ():
        if isinstance(node, (ast.Assign, ast.Delete)):
            kept = isinstance(node, ast.Assign) and _keeps(node.value, text)
            if not kept and any(_part_of(target, text) for target in node.targets):
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            emptied = node.func.attr in ("clear", "pop", "popleft")
            if emptied and ast.unparse(node.func.value) == text:
                return True
    return False


def _part_of(target: ast.expr, text: str) -> bool:
    whole = target.value if isinstance(target, ast.Subscript) else target
    return ast.unparse(whole) == text


def _keeps(value: ast.expr, text: str) -> bool:
    """Whether a new value may be the old list: `[] if fresh else self.items`, `self.items or []`."""
    options: list[ast.expr] = []
    if isinstance(value, ast.IfExp):
        options = [value.body, value.orelse]
    elif isinstance(value, ast.BoolOp):
        options = value.values
    return any(ast.unparse(option) == text for option in options)

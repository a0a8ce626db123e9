"""A module is imported by name in compiled code.

## What it does
Finds `importlib.import_module(...)`. A plain `import` statement of an installed module and `find_spec` are
captured.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Import at the top of the file or in `__init__`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC317",
    name="import-by-name",
    summary="a module is imported by name in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007",),
    calls=("importlib.import_module", "importlib.reload", "builtins.__import__"),
    matrix=("se_try_import_missing", "se_import_in_forward"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="import at the top of the file or in `__init__`",
    )

"""Code or names looked up from text in compiled code.

## What it does
Finds `exec(...)`, `compile(...)`, `globals()` and `dir(...)` in reached code. `eval` of a constant text, `locals()` and `vars()` are captured from
torch 2.13 on: late-traced-call speaks of earlier releases.

## Why is this bad
What the text binds, or the table of the module's names holds, is not known to the tracer: the graph ends there.

## What to do
Write the code out, or keep the table in a dict of the module's own.

## Fix safety
No fix is offered: what to do instead depends on what the text is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC452",
    name="dynamic-code",
    summary="code or names looked up from text in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0059", "GB0193"),
    calls=("builtins.exec", "builtins.compile", "builtins.globals", "builtins.dir"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced",
        facts,
        because=(facts.callee(node),),
        suggestion="write the code out, or keep a table of your own",
    )

"""The call stack is inspected in compiled code.

## What it does
Finds `inspect.stack()`, `inspect.currentframe()`, `sys._getframe()` and their like. `inspect.signature` is
captured.

## Why is this bad
Frames of code that is being traced do not exist, so Dynamo ends the graph and asks the real interpreter.

## What to do
Inspect in `__init__` or outside the compiled region; pass the caller's name as an argument.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC318",
    name="stack-inspection",
    summary="the call stack is inspected in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0059", "GB0151", "GB0156"),
    calls=(
        "inspect.stack",
        "inspect.currentframe",
        "inspect.getsource",
        "inspect.getsourcefile",
        "inspect.getouterframes",
        "inspect.getframeinfo",
        "sys._getframe",
        "traceback.print_stack",
        "traceback.extract_stack",
        "traceback.format_stack",
        "traceback.print_exc",
        "faulthandler.*",
    ),
    matrix=("se_inspect_stack", "se_inspect_signature"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="inspect outside the compiled region",
    )

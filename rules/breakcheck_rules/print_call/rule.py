"""`print` in compiled code.

## What it does
Finds calls of `print`.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Print outside the compiled region, or only when `not torch.compiler.is_compiling()`.

## Fix safety
The edit puts the call under `if not torch.compiler.is_compiling():`. No tensor changes for any input, so it
is safe; a compiled run then says nothing. It is declined where the call's value is used or an argument does
more than read.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC301",
    name="print-call",
    summary="`print` in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0059", "GB0296"),
    calls=("builtins.print",),
    matrix=(
        "se_print_const",
        "se_print_tensor",
        "se_print_shape",
        "se_print_trailing",
        "cx_break_inside_no_grad",
        "se_try_except_break_inside",
        "cx_break_inside_generic_cm",
        "ag_checkpoint_print_inside",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        "`print` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="print outside the compiled region, or only when `not torch.compiler.is_compiling()`",
    )

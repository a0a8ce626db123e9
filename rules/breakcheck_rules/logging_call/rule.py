"""A logger is called in compiled code.

## What it does
Finds calls of loggers and of the functions of `logging`: messages, `isEnabledFor`, `setLevel`, `getLogger`,
and methods that libraries add, such as `warning_once`.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly. The
level does not matter: a `debug` call that prints nothing breaks too.

## What to do
Log outside the compiled region, or only when `not torch.compiler.is_compiling()`. For calls in a library
that can't be changed, add the method to `torch._dynamo.config.ignore_logging_functions`.

## Fix safety
The edit puts the call under `if not torch.compiler.is_compiling():`. No tensor changes for any input, so it
is safe; a compiled run then says nothing. It is declined where the call's value is used or an argument does
more than read.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC302",
    name="logging-call",
    summary="a logger is called in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0291", "GB4841", "GB6215", "GB0007"),
    calls=(
        "logging.Logger.*",
        "logging.LoggerAdapter.*",
        "logging.debug",
        "logging.info",
        "logging.warning",
        "logging.warn",
        "logging.error",
        "logging.critical",
        "logging.exception",
        "logging.log",
        "logging.getLogger",
    ),
    matrix=(
        "se_logging_info",
        "se_logging_info_fmt",
        "se_logging_warning",
        "se_logging_debug_tensor",
        "se_warning_once",
        "se_warning_once_method",
        "se_logging_root_fn",
        "se_logger_isEnabledFor",
        "se_logging_guarded_compiling",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node.func)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="log outside the compiled region, or only when `not torch.compiler.is_compiling()`",
    )

"""The operating system is asked in compiled code.

## What it does
Finds `os.getpid`, `os.system`, `subprocess.run`, `socket.gethostname`, `atexit.register` and their like.
`os.environ.get` is fine.

## Why is this bad
Dynamo can't put the side effect into a graph, so it ends the graph there, does it in Python, and starts a
second graph, on every call. In a `for` body, a `try` or a generator expression the whole frame runs eagerly.

## What to do
Ask once, in `__init__` or outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC313",
    name="process-call",
    summary="the operating system is asked in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0156"),
    calls=(
        "os.getpid",
        "os.getppid",
        "os.getcwd",
        "os.system",
        "os.popen",
        "os.urandom",
        "os.cpu_count",
        "os.putenv",
        "os.kill",
        "subprocess.*",
        "socket.*",
        "signal.*",
        "atexit.*",
        "resource.*",
        "psutil.*",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="ask outside the compiled region",
    )

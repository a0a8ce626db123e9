"""Threads or asynchronous tasks are used in compiled code.

## What it does
Finds `threading.Thread`, `ThreadPoolExecutor`, `asyncio`, `torch.jit.fork` and `wait`.

## Why is this bad
A graph has one thread: Dynamo ends it where another one starts.

## What to do
Call in sequence; overlap of kernels is the compiler's and the device's work.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC319",
    name="thread-use",
    summary="threads or asynchronous tasks are used in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0156", "GB0142"),
    calls=(
        "threading.Thread",
        "threading.Thread.*",
        "threading.get_ident",
        "threading.current_thread",
        "threading.Event.*",
        "concurrent.futures.*",
        "multiprocessing.*",
        "asyncio.*",
        "queue.*",
        "torch.jit.fork",
        "torch.jit.wait",
        "torch.jit._fork",
        "torch.futures.*",
    ),
    matrix=("se_threadpool", "se_jit_fork_wait"),
)


_TRACED = ("asyncio.iscoroutinefunction", "multiprocessing.current_process")


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    if facts.callee(node).name in _TRACED:
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="call in sequence: the compiler overlaps kernels itself",
    )

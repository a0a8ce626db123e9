"""The clock is read in compiled code.

## What it does
Finds `time.time()`, `time.perf_counter()`, `datetime.now()` and their like.

## Why is this bad
The clock can't be part of a graph, so the graph ends at each read; what is timed is then two graphs and the
gap between them, and on a GPU not even the kernels.

## What to do
Time outside the compiled region, with CUDA events on a GPU; use `torch.profiler` for the inside.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC305",
    name="clock-read",
    summary="the clock is read in compiled code",
    severity=Severity.WARNING,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0156", "GB9193"),
    calls=(
        "time.time",
        "time.time_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.monotonic",
        "time.monotonic_ns",
        "time.process_time",
        "time.thread_time",
        "time.strftime",
        "time.localtime",
        "time.gmtime",
        "time.ctime",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
    ),
    matrix=("se_time", "se_time_unused", "se_datetime"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="time outside the compiled region",
    )

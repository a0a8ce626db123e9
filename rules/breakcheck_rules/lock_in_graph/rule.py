"""A lock is taken in compiled code.

## What it does
Finds `with lock:` and `lock.acquire()` on locks, conditions and semaphores of `threading` and
`multiprocessing`.

## Why is this bad
Dynamo can't take a lock while it traces: a `with lock:` makes the whole frame run eagerly, an `acquire()`
ends the graph there.

## What to do
Take the lock around the call of the compiled model, or around the set-up code that it protects, and only
when not `torch.compiler.is_compiling()`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC402",
    name="lock-in-graph",
    summary="a lock is taken in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0142", "GB0156"),
    calls=(
        "threading.Lock.acquire",
        "threading.Lock.release",
        "threading.RLock.acquire",
        "threading.RLock.release",
        "threading.Condition.acquire",
        "threading.Condition.release",
        "threading.Semaphore.acquire",
        "threading.Semaphore.release",
        "threading.BoundedSemaphore.acquire",
        "threading.BoundedSemaphore.release",
        "multiprocessing.Lock.acquire",
        "multiprocessing.Lock.release",
        "multiprocessing.RLock.acquire",
        "multiprocessing.RLock.release",
    ),
    nodes=(ast.With,),
    matrix=("se_lock",),
)

CLASSES = frozenset(
    f"{module}.{name}"
    for module in ("threading", "multiprocessing")
    for name in ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore")
) | {"_thread.lock", "_thread.RLock", "_thread.LockType"}


def match(node: ast.With | ast.Call, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.Call):
        yield breaks(
            node,
            f"`{facts.source(node)}` is not traced",
            facts,
            because=(facts.callee(node),),
            suggestion="take the lock around the call of the compiled model",
        )
        return
    for item in node.items:
        value = facts.value(item.context_expr)
        if value.name in CLASSES:
            yield Problem(
                item.context_expr,
                f"`with {facts.source(item.context_expr)}` takes a lock, so the whole frame runs eagerly",
                because=(value,),
                suggestion="take the lock around the call of the compiled model",
            )

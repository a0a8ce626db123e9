"""The second-best signal, for a torch whose structured trace does not speak: counters and the first break only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from breakcheck.runtime.errors_seen import call_error
from breakcheck.runtime.observation import BreakKind, BreakSite, CallError, Observation, Signal

if TYPE_CHECKING:
    from breakcheck.runtime.observe import Compiled

NOTE = (
    "this torch's structured trace reported no event in the self-test: breaks come from counters and "
    "error_on_graph_break, which show the first break only and no recompiles"
)


def observe_by_counters(ready: Compiled, backend: str, disabled: str) -> Observation:
    """The first graph break of a case, by making Dynamo raise at it, and the number of graphs, by its counters."""
    import torch
    from torch._dynamo.utils import counters

    before = counters["stats"]["unique_graphs"]
    errors: list[CallError] = []
    breaks: tuple[BreakSite, ...] = ()
    outputs: Any = None
    first = None
    try:
        with torch._dynamo.error_on_graph_break(True):
            outputs = ready.run(0)
    except torch._dynamo.exc.Unsupported as error:
        first = call_error(error, 0, "forward")
    except Exception as error:
        errors.append(call_error(error, 0, "forward"))
    if first is not None:
        breaks = (
            BreakSite(
                first.gb_id,
                first.message.splitlines()[0],
                first.path,
                first.line,
                first.function,
                first.source,
                first.message,
                BreakKind.PARTIAL,
                first.owner,
                first.user_stack,
            ),
        )
        torch._dynamo.reset()
    if not errors:
        for index in range(len(ready.calls)):
            try:
                outputs = ready.run(index)
            except Exception as error:
                errors.append(call_error(error, index, "forward"))
                break
    return Observation(
        breaks=breaks,
        errors=tuple(errors),
        calls=len(ready.calls),
        warmup=ready.warmup,
        backend=backend,
        signal=Signal.COUNTERS,
        disabled_by=disabled,
        notes=(NOTE, f"graphs compiled, by counters: {counters['stats']['unique_graphs'] - before}"),
        outputs=outputs,
    )

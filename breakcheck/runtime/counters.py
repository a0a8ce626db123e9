"""The second-best signal, for a torch whose structured trace does not speak: counters and the first break only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from breakcheck.runtime.errors_seen import call_error
from breakcheck.runtime.events import reason_of
from breakcheck.runtime.observation import BreakKind, BreakSite, CallError, GraphInfo, Observation, Signal

if TYPE_CHECKING:
    from breakcheck.runtime.observe import Compiled
    from breakcheck.runtime.snapshots import Keep

NOTE = (
    "this torch's structured trace reported no event in the self-test: breaks come from counters and "
    "error_on_graph_break, which show the first break only and no recompiles"
)


def observe_by_counters(
    ready: Compiled, backend: str, disabled: str, keep: Keep | None = None
) -> Observation:
    """The first graph break of a case, by making Dynamo raise at it, and the number of graphs, by its counters.

    keep: told the result of each call right after it.
    """
    import torch
    from torch._dynamo.utils import counters

    graphs, ops = counters["stats"]["unique_graphs"], counters["stats"]["calls_captured"]
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
        breaks = (_first_break(first),)
        torch._dynamo.reset()
        graphs, ops = counters["stats"]["unique_graphs"], counters["stats"]["calls_captured"]
    if not errors:
        for index in range(len(ready.calls)):
            try:
                outputs = ready.run(index)
                if keep is not None:
                    keep(index, outputs)
            except Exception as error:
                errors.append(call_error(error, index, "forward"))
                break
    graphs, ops = counters["stats"]["unique_graphs"] - graphs, counters["stats"]["calls_captured"] - ops
    return Observation(
        breaks=breaks,
        errors=tuple(errors),
        graphs=_graphs(graphs, ops),
        calls=len(ready.calls),
        warmup=ready.warmup,
        backend=backend,
        signal=Signal.COUNTERS,
        disabled_by=disabled,
        notes=(NOTE,),
        outputs=outputs,
    )


def _first_break(error: CallError) -> BreakSite:
    gb_type, reason, hints = reason_of(error.message)
    return BreakSite(
        error.gb_id,
        gb_type,
        error.path,
        error.line,
        error.function,
        error.source,
        reason,
        BreakKind.PARTIAL,
        error.owner,
        error.user_stack,
        hints=hints,
    )


def _graphs(number: int, ops: int) -> tuple[GraphInfo, ...]:
    """As many graphs as were counted, the ops in the first: counters say neither whose they are nor where from."""
    unknown = GraphInfo("", "", "", 0, 0, (), (), 0)
    return (replace(unknown, op_count=ops), *[unknown] * (number - 1)) if number else ()

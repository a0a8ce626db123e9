"""The collector: a handler on torch's structured trace that turns its records into events, in process.

`torch.__trace` is a private logger. Measured on torch 2.9 to 2.15 it reports every graph break with its id and user
stack, where `explain`, the counters and `fullgraph=True` each miss some. `self_test()` asks the installed torch
whether this still holds; `observe` falls back to counters where it does not and says so.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

LOGGER = "torch.__trace"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+", re.I)


def without_addresses(text: str) -> str:
    """A text without the memory addresses of the objects it names: they differ from run to run."""
    return _ADDRESS.sub("", text)


@dataclass(frozen=True)
class Op:
    """One node of a captured graph: its name, its op, where it comes from and whether complex numbers pass it."""

    name: str
    op: str
    stack_trace: str
    is_complex: bool


@dataclass(frozen=True)
class Event:
    """One record of the trace that matters here.

    kind: "break", "gave_up", "recompile", "metrics", "graph", "code" or "start". frame: "frame_id/compile_id".
    call: index of the call it fell into (set by the observer), phase: "forward" or "backward".
    """

    kind: str
    frame: str
    attempt: int
    text: str
    call: int
    phase: str
    data: dict[str, Any] = field(default_factory=dict)
    ops: tuple[Op, ...] = ()


class Collector(logging.Handler):
    """Gathers events while it is attached; `call` and `phase` are set by whoever drives the calls."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.events: list[Event] = []
        self.failures: list[str] = []
        self.call = 0
        self.phase = "forward"

    def createLock(self) -> None:
        """No lock: appending to a list is atomic, and user code that forks must not inherit one held."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the record when it is of a kind we read; never raises into the compiler."""
        try:
            metadata = getattr(record, "metadata", None)
            if isinstance(metadata, dict):
                self._take(metadata, getattr(record, "payload", None))
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")

    def _take(self, metadata: dict[str, Any], payload: object) -> None:
        text = payload if isinstance(payload, str) else ""
        if "artifact" in metadata:
            kind = {
                "dynamo_graph_break_reason": "break",
                "dynamo_error": "gave_up",
                "recompile_reasons": "recompile",
            }.get(metadata["artifact"].get("name"))
            if kind is not None:
                data = _exception_data() if kind != "recompile" else {}
                self._add(kind, metadata, without_addresses(text), data)
        elif "compilation_metrics" in metadata:
            self._add("metrics", metadata, "", dict(metadata["compilation_metrics"]))
        elif "dynamo_output_graph" in metadata:
            self._add("graph", metadata, text, ops=_ops_of_graph_being_logged())
        elif "inductor_output_code" in metadata:
            self._add("code", metadata, text)
        elif "dynamo_start" in metadata:
            self._add(
                "start", metadata, "", {"stack": _named_stack(metadata["dynamo_start"].get("stack", []))}
            )

    def _add(
        self,
        kind: str,
        metadata: dict[str, Any],
        text: str,
        data: dict[str, Any] | None = None,
        ops: tuple[Op, ...] = (),
    ) -> None:
        frame = f"{metadata.get('frame_id', '?')}/{metadata.get('frame_compile_id', '?')}"
        attempt = int(metadata.get("attempt") or 0)
        self.events.append(Event(kind, frame, attempt, text, self.call, self.phase, data or {}, ops))


def _named_stack(stack: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stack of a `dynamo_start` with file names instead of torch's interned numbers."""
    from torch._logging import structured

    names = {number: name for name, number in structured.INTERN_TABLE.items()}
    return [{**frame, "filename": names.get(frame.get("filename", -1), "")} for frame in stack]


def _exception_data() -> dict[str, Any]:
    """What the exception being handled says about itself: torch logs from inside the `except` block."""
    error = sys.exc_info()[1]
    data: dict[str, Any] = {}
    if error is None:
        return data
    data["exception"] = type(error).__qualname__
    for name in ("gb_type", "real_stack"):
        value = getattr(error, name, None)
        if name == "real_stack" and value is not None:
            value = [(f.filename, f.lineno or 0, f.name, f.line or "") for f in value]
        if isinstance(value, (str, list)):
            data[name] = value
    return data


def _ops_of_graph_being_logged() -> tuple[Op, ...]:
    """The nodes of the graph whose logging called us; () where torch moved it (the text is parsed then)."""
    frame: types.FrameType | None = sys._getframe(2)
    for _ in range(16):
        if frame is None:
            return ()
        gm = frame.f_locals.get("gm")
        if gm is not None and hasattr(gm, "graph"):
            return tuple(_op(node) for node in gm.graph.nodes if node.op not in ("placeholder", "output"))
        frame = frame.f_back
    return ()


def _op(node: Any) -> Op:
    target = (
        node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    )
    values = [node, *node.all_input_nodes]
    return Op(
        node.name,
        str(target),
        node.meta.get("stack_trace") or node.stack_trace or "",
        any(_is_complex(value.meta.get("example_value")) for value in values),
    )


def _is_complex(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return bool(getattr(dtype, "is_complex", False))


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector attached to torch's structured trace for the duration; the user's log levels stay alone."""
    import torch  # noqa: F401  (sets the logger up; a handler added before would be cleared)

    logger = logging.getLogger(LOGGER)
    collector = Collector()
    logger.addHandler(collector)
    try:
        yield collector
    finally:
        logger.removeHandler(collector)


_WORKS: list[bool] = []


def self_test() -> bool:
    """Whether the installed torch reports one known graph break through the structured trace.

    Asked once, and again while `torch.compile` is switched off, where nothing tells. Dynamo's compiled state is reset by
    it, so it must run before the scenario's own compilation.
    """
    if not _WORKS:
        works = _run_self_test()
        if works is None:
            return True
        _WORKS.append(works)
    return _WORKS[0]


def _run_self_test() -> bool | None:
    """Whether the break was reported; None where nothing was compiled."""
    import torch

    graphs = []

    def backend(graph: torch.fx.GraphModule, _inputs: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    def broken(x: torch.Tensor) -> torch.Tensor:
        x = x + 1
        torch._dynamo.graph_break()
        return x * 2

    with collecting() as collector:
        torch.compile(broken, backend=backend)(torch.ones(1))
    torch._dynamo.reset()
    return sum(event.kind == "break" for event in collector.events) == 1 if graphs else None


def parse_reasons(text: str) -> tuple[str, ...]:
    """The guard texts of a `recompile_reasons` payload, newest first."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return (text.strip(),) if text.strip() else ()
    items = parsed if isinstance(parsed, list) else [parsed]
    return tuple(str(item).strip() for item in items)

"""Records what any process compiles, as it happens, into a file of its own: a crash loses nothing that was seen.

The handler is attached right after torch's import, by an import hook, so that the program decides when torch loads.
"""

from __future__ import annotations

import atexit
import importlib.abc
import importlib.machinery
import json
import os
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breakcheck.runtime.trace import LOGGER, Collector, Event, Op

# Of the hundred fields of `compilation_metrics`, those that reports use.
METRICS = (
    "compile_id", "co_name", "co_filename", "co_firstlineno", "fail_type", "fail_reason", "graph_op_count",
    "entire_frame_compile_time_s", "cudagraph_skip_reason", "is_forward", "has_guarded_code",
)  # fmt: skip


class Recorder(Collector):
    """A collector that appends each event to `FOLDER/PID.jsonl`; a fork writes a file of its own."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder

    def _add(
        self,
        kind: str,
        metadata: dict[str, Any],
        text: str,
        data: dict[str, Any] | None = None,
        ops: tuple[Op, ...] = (),
    ) -> None:
        super()._add(kind, metadata, text, data, ops)
        event = self.events.pop()
        self.write(event=packed(event))

    def write(self, **record: Any) -> None:
        """Appends one record."""
        path = os.path.join(self.folder, f"{os.getpid()}.jsonl")
        new = not os.path.exists(path)
        with open(path, "a", encoding="utf-8") as file:
            if new:
                file.write(json.dumps({"process": _process()}) + "\n")
            file.write(json.dumps(record, default=str) + "\n")


def _process() -> dict[str, Any]:
    return {"pid": os.getpid(), "rank": os.environ.get("RANK"), "argv": sys.argv[:4]}


def packed(event: Event) -> dict[str, Any]:
    """An event as JSON; stack traces that ops share are written once."""
    stacks: dict[str, int] = {}
    ops = [
        [op.name, op.op, stacks.setdefault(op.stack_trace, len(stacks)), op.is_complex] for op in event.ops
    ]
    data = {key: event.data.get(key) for key in METRICS} if event.kind == "metrics" else event.data
    return {
        "kind": event.kind,
        "frame": event.frame,
        "attempt": event.attempt,
        "text": "" if event.kind == "graph" and event.ops else event.text,
        "data": data,
        "ops": ops,
        "stacks": list(stacks),
    }


def unpacked(data: dict[str, Any]) -> Event:
    """The event that `packed` wrote."""
    stacks = data["stacks"]
    ops = tuple(Op(name, op, stacks[index], is_complex) for name, op, index, is_complex in data["ops"])
    return Event(data["kind"], data["frame"], data["attempt"], data["text"], 0, "forward", data["data"], ops)


class _AfterTorch(importlib.abc.MetaPathFinder):
    """Finds torch as everyone else would, and runs a function right after it was imported."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of torch with a loader that tells us when it is done; None for all else."""
        if fullname != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.loader is None:
            return None
        run, then = spec.loader.exec_module, self.then

        def exec_module(module: types.ModuleType) -> None:
            run(module)
            then()

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def install(folder: str) -> None:
    """Makes this process record what it compiles into a folder, from the moment it imports torch."""
    recorder = Recorder(folder)

    def attach() -> None:
        import logging

        logging.getLogger(LOGGER).addHandler(recorder)
        atexit.register(_at_end, recorder)

    sys.meta_path.insert(0, _AfterTorch(attach))


def _at_end(recorder: Recorder) -> None:
    """Says why nothing could be compiled, and how many graphs Dynamo itself counted."""
    if "torch._dynamo" not in sys.modules:
        recorder.write(end={"disabled_by": "", "graphs_counted": 0, "torch": _torch_version()})
        return
    from breakcheck.runtime.observe import vacuous_because

    counters = sys.modules["torch._dynamo"].utils.counters
    recorder.write(
        end={
            "disabled_by": vacuous_because(),
            "graphs_counted": int(counters["stats"]["unique_graphs"]),
            "torch": _torch_version(),
        }
    )


def _torch_version() -> str:
    return str(getattr(sys.modules.get("torch"), "__version__", ""))


@dataclass(frozen=True)
class Recorded:
    """What one process recorded. end: None when it did not come to its end."""

    pid: int
    rank: str | None
    events: tuple[Event, ...]
    end: dict[str, Any] | None

    @property
    def name(self) -> str:
        """How reports call the process: "rank 1", or its process id."""
        return f"rank {self.rank}" if self.rank is not None else f"process {self.pid}"


def read_recorded(folder: Path) -> list[Recorded]:
    """What the processes of a run recorded, ranks in order."""
    found = []
    for path in folder.glob("*.jsonl"):
        process: dict[str, Any] = {"pid": int(path.stem), "rank": None}
        events: list[Event] = []
        end = None
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # cut off by a crash
            process = record.get("process", process)
            if "event" in record:
                events.append(unpacked(record["event"]))
            end = record.get("end", end)
        found.append(Recorded(int(process["pid"]), process["rank"], tuple(events), end))
    return sorted(found, key=lambda one: (one.rank is None, int(one.rank or 0), one.pid))

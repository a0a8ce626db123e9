"""torch_xla's own counters, as differences: compiles, executions, transfers to the host, ops that fell back."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import torch
import torch_xla.debug.metrics as metrics
from torch.utils._python_dispatch import TorchDispatchMode

_METRICS = {
    "compiles": ("CompileTime",),
    "executions": ("ExecuteTime", "ExecuteReplicatedTime"),  # the latter under SPMD
    "transfers": ("TransferFromDeviceTime",),
}
HOST_READ = "aten::_local_scalar_dense"


@dataclass(frozen=True)
class Counts:
    """What happened since the process began; `a - b` is what happened between."""

    compiles: int = 0
    executions: int = 0
    transfers: int = 0
    uploads: int = 0  # bytes sent to the device
    aten: Counter[str] = field(default_factory=Counter)

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            self.compiles - other.compiles,
            self.executions - other.executions,
            self.transfers - other.transfers,
            self.uploads - other.uploads,
            self.aten - other.aten,
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `host_reads` apart from the ops that fell back."""
        aten = dict(self.aten)
        reads = aten.pop(HOST_READ, 0)
        return {
            "compiles": self.compiles, "executions": self.executions, "transfers": self.transfers,
            "uploads": self.uploads, "host_reads": reads, "fallbacks": aten,
        }  # fmt: skip


def counts() -> Counts:
    """The counters now."""
    values = {}
    for name, summed in _METRICS.items():
        found = [metrics.metric_data(metric) for metric in summed]
        values[name] = sum(int(data[0]) for data in found if data is not None)
    outbound = metrics.metric_data("OutboundData")
    uploads = int(outbound[1]) if outbound is not None else 0
    aten = Counter(
        {
            name: int(metrics.counter_value(name) or 0)
            for name in metrics.counter_names()
            if name.startswith("aten::")
        }
    )
    return Counts(values["compiles"], values["executions"], values["transfers"], uploads, aten)


class Attribution(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Which line of the user's code made a counter move: looked at after every op of one call."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sites: dict[tuple[str, int, str], dict[str, Any]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        before = counts()
        result = None
        try:
            result = func(*args, **(kwargs or {}))
            return result
        finally:
            moved = counts() - before
            kinds = [name for name in moved.aten if moved.aten[name]]
            if moved.transfers and not kinds:
                kinds = ["transfer"]
            if _is_double(result) and not _is_double((args, kwargs)):
                kinds.append("float64")
            for kind in kinds:
                self._note(kind, str(func))

    def _note(self, kind: str, op: str) -> None:
        path, line, function = _users_frame()
        site = self.sites.setdefault(
            (path, line, kind),
            {"file": path, "line": line, "function": function, "kind": kind, "op": op, "count": 0},
        )
        site["count"] += 1


def _is_double(value: Any) -> bool:
    """Whether a float64 array (not a scalar) is among the tensors of a value."""
    leaves = torch.utils._pytree.tree_leaves(value)
    return any(
        isinstance(leaf, torch.Tensor) and leaf.dtype == torch.float64 and leaf.dim() > 0 for leaf in leaves
    )


def _users_frame() -> tuple[str, int, str]:
    """The innermost frame outside torch, torch_xla, the standard library and breakcheck's runtime."""
    from breakcheck.runtime.devices.workers.user_code import is_users

    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "", 0, ""


def as_numpy(result: Any) -> list[Any]:
    """The floating tensors of a result on the host, in float32; integers as they are."""
    leaves = [leaf for leaf in torch.utils._pytree.tree_leaves(result) if isinstance(leaf, torch.Tensor)]
    return [
        leaf.detach().cpu().float() if leaf.is_floating_point() else leaf.detach().cpu() for leaf in leaves
    ]

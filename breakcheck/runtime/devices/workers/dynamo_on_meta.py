"""The Dynamo verdict of a TARGET's calls without its weights: REQUEST in, REPORT out, run by the checkout's Python.

Everything lies on the meta device and the backend is eager, so a 70B model costs what its code costs. A user's model
that raises there is built on the CPU.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from breakcheck.case import Call, Case
from breakcheck.runtime import observe
from breakcheck.runtime.devices.workers.load_case import load_case
from breakcheck.runtime.devices.workers.load_real_case import load_real_case
from breakcheck.runtime.devices.workers.tensor_slots import find_slots
from breakcheck.runtime.observation import Observation
from breakcheck.runtime.site_data import error_dict, limit_dict, recompile_dict, site_dict

MAX_WEIGHTS = 8 * 2**30  # bytes of a model that is built for real where meta tensors are refused


def main(request_path: str, report_path: str) -> int:
    """Write the evidence of graph breaks and recompiles, or the error."""
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    try:
        report = _evidence(request)
    except Exception as error:
        report = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    Path(report_path).write_text(json.dumps(report, default=str), encoding="utf-8")
    return 0


def _evidence(request: dict[str, Any]) -> dict[str, Any]:
    case, _ = load_case(request["target"], request["dtype"], request["bundled"], request["mesh"])
    calls = case.normalized()
    if request["programs"] == "last":
        calls = [calls[-1]] * 3
    holders = [{"args": list(call.args), "kwargs": dict(call.kwargs)} for call in calls]
    size = 0
    for slot in find_slots({"": case.model, **{f"call{i}": holder for i, holder in enumerate(holders)}}):
        size += slot.tensor.numel() * slot.tensor.element_size()
        if slot.tensor.device.type != "meta":
            meta = slot.tensor.detach().to("meta")
            slot.put(type(slot.tensor)(meta, slot.tensor.requires_grad) if slot.is_parameter else meta)
    calls = [Call(tuple(holder["args"]), dict(holder["kwargs"])) for holder in holders]
    seen, device = _observe(replace(case, calls=calls)), "meta"
    if seen.errors and ":" in request["target"] and size < MAX_WEIGHTS:
        # A constant that the code makes (`x[:, [-1]]`) lies on the CPU, and meets tensors of another device only on meta.
        seen, device = _observe(load_real_case(request["target"], request["dtype"])), "CPU"
    report = _report(seen)
    report["device"] = device
    return report


def _observe(case: Case) -> Observation:
    warmup = min(case.warmup, len(case.calls) - 1)
    return observe(replace(case, warmup=warmup, optimizer=None), backend="eager")


def _report(seen: Observation) -> dict[str, Any]:
    graphs = len(seen.graphs)
    limits = [limit_dict(hit) for hit in seen.limits]
    return {
        "graph_breaks": {
            "sites": [site_dict(site) for site in seen.breaks] + [error_dict(e) for e in seen.errors],
            "executed_per_call": seen.executed_per_call,
            "graphs": graphs,
            "ops": seen.op_count,
            "limits": limits,
            "disabled_by": seen.disabled_by,
        },
        "recompiles": {
            "sites": [recompile_dict(item, seen.warmup) for item in seen.recompiles],
            "limits": limits,
            "calls": seen.calls,
            "warmup": seen.warmup,
            "compiled": graphs > 0,
        },
    }


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:3]))

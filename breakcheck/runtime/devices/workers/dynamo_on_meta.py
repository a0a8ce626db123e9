"""The Dynamo verdict of a TARGET's calls without its weights: REQUEST in, REPORT out, run by the checkout's Python.

Everything lies on the meta device and the backend is eager, so a 70B model costs what its code costs.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from breakcheck.case import Call
from breakcheck.runtime import observe
from breakcheck.runtime.devices.workers.load_case import load_case
from breakcheck.runtime.devices.workers.tensor_slots import find_slots
from breakcheck.runtime.site_data import error_dict, limit_dict, recompile_dict, site_dict


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
    for slot in find_slots({"": case.model, **{f"call{i}": holder for i, holder in enumerate(holders)}}):
        if slot.tensor.device.type != "meta":
            meta = slot.tensor.detach().to("meta")
            slot.put(type(slot.tensor)(meta, slot.tensor.requires_grad) if slot.is_parameter else meta)
    calls = [Call(tuple(holder["args"]), dict(holder["kwargs"])) for holder in holders]
    seen = observe(
        replace(case, calls=calls, warmup=min(case.warmup, len(calls) - 1), optimizer=None), backend="eager"
    )
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

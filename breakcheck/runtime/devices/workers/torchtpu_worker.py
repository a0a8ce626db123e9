"""Capture a TARGET's calls with TorchTPU, without a TPU: one JSON request file in, one JSON report file out.

Run by the Python of `breakcheck setup torch-tpu`. The StableHLO of each program goes into the request's folder, for
`stablehlo_worker.py` to compile. Request: target, dtype, programs "last" | "all", bundled, folder, train, sys_path.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

# Without the first, `import torch` loads TorchTPU, which looks for a TPU and patches torch.compile; the others keep
# libtpu from asking the cloud where it is.
ENVIRONMENT = {
    "TORCH_DEVICE_BACKEND_AUTOLOAD": "0", "TPU_SKIP_MDS_QUERY": "1", "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
    "TPU_ACCELERATOR_TYPE": "v5litepod-1", "TPU_WORKER_HOSTNAMES": "localhost", "TPU_STDERR_LOG_LEVEL": "3",
    "TPU_MIN_LOG_LEVEL": "3",
}  # fmt: skip


def main(request_path: str, report_path: str) -> int:
    """Write the report; 0 whenever there is one."""
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    os.environ.update(ENVIRONMENT)
    sys.path.pop(0)  # this folder
    for entry in request["sys_path"]:
        if entry not in sys.path:
            sys.path.append(entry)
    report: dict[str, Any] = {"programs": [], "notes": []}

    def save() -> None:
        report["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        Path(report_path).write_text(json.dumps(report), encoding="utf-8")

    try:
        _capture(request, report, save)
    except Exception as error:
        message = " ".join(str(error).split())[:600]
        report["error"] = {"kind": type(error).__name__, "message": message}
    save()
    return 0


def _capture(request: dict[str, Any], report: dict[str, Any], save: Any) -> None:
    import torch

    from breakcheck.runtime.devices.workers import signatures
    from breakcheck.runtime.devices.workers.load_case import load_case
    from breakcheck.runtime.devices.workers.torchtpu_internals import Capture, missing

    report["versions"] = {"torch": torch.__version__, "torch_tpu": metadata.version("torch-tpu")}
    report["moved"] = missing()
    if report["moved"]:
        return
    started = time.perf_counter()
    case, notes = load_case(request["target"], request["dtype"], request["bundled"], {})
    report["notes"] += notes
    if request["train"] or (request["train"] is None and case.train):
        report["skipped"] = "a training case: what is captured here is the forward pass alone"
        return
    if isinstance(case.model, torch.nn.Module):
        case.model.eval().requires_grad_(False)
    calls = _on_meta(case.model, case.normalized())
    report["build_seconds"] = time.perf_counter() - started
    report["signatures"] = signatures.distinct(calls, case.warmup)
    capture = Capture(case.model)
    for index in signatures.chosen(calls, case.warmup, request["programs"]):
        save()
        program = {"call": index, "signature": signatures.signature(calls[index])}
        report["programs"].append(program | _program(capture, calls[index], request["folder"], index))


def _on_meta(model: Any, calls: list[Any]) -> list[Any]:
    """The calls with every tensor of theirs and the model's on the meta device (a factory may have made weights)."""
    import torch

    from breakcheck.case import Call
    from breakcheck.runtime.devices.workers.tensor_slots import find_slots

    holders = [{"args": list(call.args), "kwargs": dict(call.kwargs)} for call in calls]
    for slot in find_slots({"": model, **{f"call{i}": holder for i, holder in enumerate(holders)}}):
        if slot.tensor.device.type != "meta":
            moved = slot.tensor.detach().to("meta")
            slot.put(torch.nn.Parameter(moved, requires_grad=False) if slot.is_parameter else moved)
    return [Call(tuple(holder["args"]), dict(holder["kwargs"])) for holder in holders]


def _program(capture: Any, call: Any, folder: str, index: int) -> dict[str, Any]:
    from breakcheck.runtime.devices.workers import hlo_text
    from breakcheck.runtime.devices.workers.torchtpu_internals import Refusal

    started = time.perf_counter()
    try:
        graph = capture.graph(call)
    except Refusal as refusal:
        source = {"path": refusal.path, "line": refusal.line, "function": ""}
        said = {"op": refusal.op, "message": str(refusal), "source": source, "known": bool(refusal.op)}
        return {"refused": {"kind": "Refusal", **said}}
    artifact = Path(folder, f"program{index}.mlirbc")
    artifact.write_bytes(graph.artifact)
    return {
        "file": str(artifact),
        "trace_seconds": time.perf_counter() - started,
        "doubles": graph.doubles,
        "double_tensors": hlo_text.double_tensors(graph.text),
        "custom_calls": hlo_text.custom_calls(graph.text),
        "host_calls": hlo_text.host_calls(graph.text),
        "changed_bytes": graph.changed_bytes,
    }


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:3]))  # libtpu's threads need not be waited for

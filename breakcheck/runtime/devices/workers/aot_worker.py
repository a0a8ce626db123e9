"""Compile a TARGET for a TPU that isn't there: one JSON request file in, one JSON report file out.

Run by the environment's Python as `aot_worker.py REQUEST REPORT`. Nothing is executed and no weights are needed. The
report is written after every program, so that an abort of the native library loses only the program at hand.

Request: target, dtype, topology {name, options}, mesh {axis: size}, programs "last" | "all" | "none", bundled, sys_path.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

# Without the first, jax looks for devices; without the second, libtpu polls the cloud's metadata address for
# minutes; without the third, concurrent processes abort on a lock file; the others keep it from guessing a host.
ENVIRONMENT = {
    "JAX_PLATFORMS": "cpu", "TPU_SKIP_MDS_QUERY": "1", "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
    "TPU_ACCELERATOR_TYPE": "v5litepod-1", "TPU_WORKER_HOSTNAMES": "localhost", "TPU_STDERR_LOG_LEVEL": "3",
    "TPU_MIN_LOG_LEVEL": "3", "JAX_TRACEBACK_FILTERING": "off", "TORCH_DEVICE_BACKEND_AUTOLOAD": "0",
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
        usage = resource.getrusage(resource.RUSAGE_SELF)
        report["peak_rss_bytes"] = usage.ru_maxrss * 1024
        Path(report_path).write_text(json.dumps(report), encoding="utf-8")

    try:
        _compile(request, report, save)
    except Exception as error:
        report["error"] = _error(error)
    save()
    return 0


def _error(error: Exception) -> dict[str, Any]:
    message = " ".join(str(error).split())[:600]
    return {"kind": type(error).__name__, "message": message}


def _compile(request: dict[str, Any], report: dict[str, Any], save: Any) -> None:
    import jax
    import torch
    import torchax

    # torch's 64-bit types stay what they are, so that float64 is seen and not silently made float32.
    jax.config.update("jax_enable_x64", True)
    report["versions"] = {"torch": torch.__version__, "torchax": torchax.__version__, "jax": jax.__version__}
    from breakcheck.runtime.devices.workers.aot_program import Compiler
    from breakcheck.runtime.devices.workers.load_case import load_case

    started = time.perf_counter()
    case, notes = load_case(request["target"], request["dtype"], request["bundled"], request["mesh"])
    if request["train"] is not None:
        case = dataclasses.replace(case, train=request["train"])
    report["notes"] += notes
    report["build_seconds"] = time.perf_counter() - started
    compiler = Compiler(case, request)
    report["signatures"] = compiler.signatures()
    report["devices"] = compiler.num_devices
    axes = ",".join(axis for axis, size in request["mesh"].items() if size > 1)
    report["expected_collectives"] = case.expect.get("collectives", {}).get(axes)
    report["parameter_bytes"] = compiler.parameter_bytes
    for index in compiler.chosen(request["programs"]):
        report["current"] = index
        save()
        report["programs"].append(compiler.program(index))
    report.pop("current", None)


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:3]))

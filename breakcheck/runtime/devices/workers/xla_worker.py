"""Run a TARGET on torch_xla and count: one JSON request file in, one JSON report file out.

Run by the environment's Python (`breakcheck setup xla`). Request: targets (one report each, in one process), dtype, backend "lazy" | "openxla", mesh,
calls, warmup, bundled, sys_path. The device is XLA:CPU unless PJRT_DEVICE names another.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any


def main(request_path: str, report_path: str) -> int:
    """Write a report a target, after each; 0 whenever there is one."""
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    sys.path.pop(0)  # this folder
    for entry in request["sys_path"]:
        if entry not in sys.path:
            sys.path.append(entry)
    reports = []
    for target in request["targets"]:
        try:
            reports.append(_run({**request, "target": target}))
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            at = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
            message = " ".join(str(error).split())[:400]
            reports.append({"error": {"kind": type(error).__name__, "message": message, "at": at}})
        Path(report_path).write_text(json.dumps({"reports": reports}), encoding="utf-8")
    return 0


def _run(request: dict[str, Any]) -> dict[str, Any]:
    import torch
    import torch_xla

    from breakcheck.runtime.devices.workers.xla_run import XlaRun

    run = XlaRun(request)
    report = run.report()
    report["versions"] = {"torch": torch.__version__, "torch_xla": torch_xla.__version__}
    return report


if __name__ == "__main__":
    status = main(*sys.argv[1:3])
    sys.stdout.flush()
    os._exit(status)  # torch_xla's threads need not be waited for

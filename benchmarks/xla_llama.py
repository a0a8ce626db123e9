"""Run the clean and the hostile Llama, the habits and the sharded Llamas on torch_xla; into benchmarks/results/xla.json.

    python benchmarks/xla_llama.py [GROUP ...]

Needs `breakcheck setup xla`. Runs on XLA:CPU, sharded ones on 8 virtual devices. Each row is what the worker counted
(programs compiled, executed, transfers, fallbacks, a call) and the verdicts on it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import datetime, timezone
from pathlib import Path

from breakcheck.runtime.devices import xla
from breakcheck.runtime.scenario import Scenario

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "xla.json"
_LLAMAS = ("llama2-tiny", "llama2-tiny@item-slot", "llama2-tiny@tensor-branch", "llama2-tiny@growing-cache")
_HABITS = (
    "item", "branch", "fallback", "cat_cache", "index_copy_cache", "python_offset", "python_scale",
    "complex_rotation", "eos_every_token", "eos_every_tenth",
)  # fmt: skip
_SPMD = "tests/tpu/spmd_targets.py"

# Group: backend, mesh, targets (one process).
GROUPS: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    "openxla": ("openxla", None, _LLAMAS),
    "tensor parallel": ("openxla", "data=1,model=8", (f"{_SPMD}:model_only",)),
    "two axes": ("lazy", "data=2,model=4", (f"{_SPMD}:two_axes", f"{_SPMD}:train_two_axes")),
    "fsdp": ("lazy", "data=8", (f"{_SPMD}:fsdp", f"{_SPMD}:train_fsdp")),
    "habits": ("lazy", None, tuple(f"tests/tpu/xla_habits.py:{name}" for name in _HABITS)),
    "lazy": ("lazy", None, _LLAMAS),
}


def main(names: list[str]) -> int:
    """Run the groups named, or all; write and print after each."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"unknown group {unknown[0]!r}: {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    os.chdir(HERE.parent)
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in names or list(GROUPS):
        backend, mesh, targets = GROUPS[name]
        reports = xla.observe(targets, backend, Scenario("", device="xla", mesh=mesh, timeout_s=3600.0))
        rows = {}
        for target, report in zip(targets, reports, strict=True):
            row = {
                "counted": report.get("calls"),
                "error": report.get("error"),
                "versions": report.get("versions"),
            }
            verdicts = {} if "error" in report else xla.judge(report)
            row["verdicts"] = {key: [v.status.value, v.summary] for key, v in verdicts.items()}
            row["shardings"] = report.get("shardings")
            rows[target] = row
            print(f"{name}: {target} {row['error'] or ''}", flush=True)
            for key, (status, summary) in row["verdicts"].items():
                print(f"  {key:13} {status:12} {summary}", flush=True)
        results[name] = {
            "backend": backend,
            "mesh": mesh,
            "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, XLA:CPU, no TPU",
            "rows": rows,
        }
        ordered = {group: results[group] for group in GROUPS if group in results}
        RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

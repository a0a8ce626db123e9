"""Compile the Llama programs (and modules not written here) for TPUs; results into benchmarks/results/tpu.json.

    python benchmarks/tpu.py [NAME ...]

Needs `breakcheck setup tpu`, and the TorchTPU rows `breakcheck setup torch-tpu`. Nothing runs on a TPU: compile-verified, not executed. A row that is there already, made
with the same versions, is kept unless named.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import whole_check
from breakcheck.runtime.scenario import Scenario

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "tpu.json"
_LLAMA = "benchmarks/tpu_targets.py"
_FOREIGN = "benchmarks/tpu_foreign.py"

# Name: target, device, mesh, dtype.
ROWS: dict[str, tuple[str, str, str | None, str | None]] = {
    "7b on one v5e": ("llama2-7b", "tpu:v5e:1x1", None, None),
    "7b on 8 v4": ("llama2-7b", "tpu:v4:2x2x2", "data=1,model=8", None),
    "70b on 16 v5e, 2 x 8": ("llama2-70b", "tpu:v5e:4x4", "data=2,model=8", None),
    "70b, 12 layers, on one v5e": (f"{_LLAMA}:llama2_70b_12_layers", "tpu:v5e:1x1", None, None),
    "70b on 16 v5e, 1 x 16, KV resharded": ("llama2-70b", "tpu:v5e:4x4", "data=1,model=16", None),
    "70b batch 32 bf16, 2 x 8": (f"{_LLAMA}:llama2_70b_batch_32", "tpu:v5e:4x4", "data=2,model=8", None),
    "70b batch 32 int8, 2 x 8": (f"{_LLAMA}:llama2_70b_int8_batch_32", "tpu:v5e:4x4", "data=2,model=8", None),
    "70b batch 32 bf16, 1 x 16": (f"{_LLAMA}:llama2_70b_model_16_batch_32", "tpu:v5e:4x4", "data=1,model=16", None),
    "70b batch 32 int8, 1 x 16": (f"{_LLAMA}:llama2_70b_int8_model_16_batch_32", "tpu:v5e:4x4", "data=1,model=16", None),
    "train 7b, 2 layers, 16 x 1": (f"{_LLAMA}:train_7b_2_layers", "tpu:v4:2x2x4", "data=16,model=1", None),
    "train 7b, 2 layers, fsdp 16": (f"{_LLAMA}:train_7b_2_layers_fsdp", "tpu:v4:2x2x4", "data=16", None),
    "train 13b, 2 layers, 32 x 1": (f"{_LLAMA}:train_13b_2_layers", "tpu:v4:2x4x4", "data=32,model=1", None),
    "train 70b, 2 layers, 32 x 4": (f"{_LLAMA}:train_70b_2_layers", "tpu:v4:4x4x8", "data=32,model=4", None),
    "transformers Llama, static cache": (f"{_FOREIGN}:transformers_llama", "tpu:v5e:1x1", None, "bfloat16"),
    "timm vision transformer": (f"{_FOREIGN}:timm_vit", "tpu:v5e:1x1", None, "bfloat16"),
    "x-transformers decoder": (f"{_FOREIGN}:x_transformers_decoder", "tpu:v5e:1x1", None, "bfloat16"),
    "nanoGPT": (f"{_FOREIGN}:nanogpt", "tpu:v5e:1x1", None, "bfloat16"),
    "diffusers transformer": (f"{_FOREIGN}:diffusers_transformer", "tpu:v5e:1x1", None, "bfloat16"),
    "7b on one v5e, by TorchTPU": ("llama2-7b", "torch-tpu:v5e:1x1", None, None),
    "transformers Llama, static cache, by TorchTPU": (f"{_FOREIGN}:transformers_llama", "torch-tpu:v5e:1x1", None, "bfloat16"),
}  # fmt: skip


def run(name: str) -> dict[str, Any]:
    """One row: the command, the report, and how long it took."""
    target, device, mesh, dtype = ROWS[name]
    command = f"breakcheck check {target} --device {device}" + (f" --mesh {mesh}" if mesh else "")
    command += f" --dtype {dtype}" if dtype else ""
    began = time.perf_counter()
    try:
        check = whole_check(device)
        assert check is not None
        report = check(Scenario(target, device=device, mesh=mesh, dtype=dtype, timeout_s=1800.0)).to_dict()
    except BreakcheckError as error:
        report = {"error": str(error)}
    return {
        "command": command,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, no TPU",
        "seconds": round(time.perf_counter() - began, 1),
        "report": report,
    }


def main(names: list[str]) -> int:
    """Run the rows named, or those that have no result yet; write after each."""
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        print(f"unknown row {unknown[0]!r}: {', '.join(ROWS)}", file=sys.stderr)
        return 2
    os.chdir(HERE.parent)
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in names or [name for name in ROWS if name not in results]:
        results[name] = run(name)
        RESULTS.parent.mkdir(exist_ok=True)
        ordered = {row: results[row] for row in ROWS if row in results}
        RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
        report = results[name]["report"]
        print(
            f"{name} ({results[name]['seconds']} s): {report.get('error') or report.get('failure') or ''}",
            flush=True,
        )
        for verdict, data in report.get("verdicts", {}).items():
            print(f"  {verdict:13} {data['status']:12} {data['summary']}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

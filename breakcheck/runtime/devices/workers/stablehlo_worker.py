"""Compile StableHLO files for one chip of a TPU that isn't there: one JSON request file in, one JSON report file out.

Run by the Python of `breakcheck setup tpu`. Nothing is executed. Request: topology {name, options}, files (portable
artifacts of StableHLO), sys_path. Report: programs, one a file: what the compiler says, or its refusal.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(request_path: str, report_path: str) -> int:
    """Write the report after each program; 0 whenever there is one."""
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    sys.path.pop(0)  # this folder
    for entry in request["sys_path"]:
        if entry not in sys.path:
            sys.path.append(entry)
    from breakcheck.runtime.devices.workers.aot_worker import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    report: dict[str, Any] = {"programs": []}
    try:
        compiler = _Compiler(request["topology"])
        report["versions"] = compiler.versions
        for file in request["files"]:
            report["programs"].append(compiler.program(Path(file)))
            Path(report_path).write_text(json.dumps(report), encoding="utf-8")
    except Exception as error:
        message = " ".join(str(error).split())[:600]
        report["error"] = {"kind": type(error).__name__, "message": message}
    Path(report_path).write_text(json.dumps(report), encoding="utf-8")
    return 0


class _Compiler:
    """libtpu for one device of a topology. jax takes no StableHLO but its own, so its inner functions are called: the
    environment pins jax."""

    def __init__(self, topology: dict[str, Any]) -> None:
        import jax
        import numpy
        from jax._src import compiler
        from jax.experimental import topologies

        described = topologies.get_topology_desc(
            platform="tpu", topology_name=topology["name"], **topology["options"]
        )
        self.device = described.devices[0]
        self.options = compiler.get_compile_options(1, 1, device_assignment=numpy.array([[self.device.id]]))
        self.versions = {"jax": jax.__version__}

    def program(self, file: Path) -> dict[str, Any]:
        """Compile one file."""
        from jax._src.interpreters import mlir
        from jax._src.lib import xla_client
        from jaxlib.mlir.dialects import stablehlo

        from breakcheck.runtime.devices.workers.compiled import compile_error, memory_of

        context = mlir.make_ir_context()
        started = time.perf_counter()
        with context:
            module = stablehlo.deserialize_portable_artifact(context, file.read_bytes())
            try:
                compiled = self.device.client.compile(
                    module,
                    executable_devices=xla_client.DeviceList((self.device,)),
                    compile_options=self.options,
                )
            except Exception as error:
                return {"compile_error": compile_error(error)}
        costs = compiled.cost_analysis() or {}
        return {
            "compile_seconds": time.perf_counter() - started,
            "memory": memory_of(compiled.get_compiled_memory_stats()),
            "compiler_flops": float(costs.get("flops", 0.0)),
        }


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:3]))

"""A TARGET as StableHLO on disk, loaded again and compared with eager: one JSON request file in, one report file out.

Run by the Python of `breakcheck setup tpu`. Request: target, dtype, folder, sys_path. The folder gets `program.mlir`
(StableHLO text), `program.jax` (jax.export's serialised form of the same module) and `manifest.json` (inputs and
outputs by name).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def main(request_path: str, report_path: str) -> int:
    """Write the report; 0 whenever there is one."""
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    os.environ.update({"JAX_PLATFORMS": "cpu", "TORCH_DEVICE_BACKEND_AUTOLOAD": "0"})
    sys.path.pop(0)  # this folder
    for entry in request["sys_path"]:
        if entry not in sys.path:
            sys.path.append(entry)
    try:
        report = _export(request)
    except Exception as error:
        from breakcheck.runtime.devices.workers.trace_sources import explain

        known = type(error).__name__ == "TargetError"
        report = {"error": {"kind": type(error).__name__, "message": " ".join(str(error).split())[:400]}}
        if not known:
            report["error"]["refused"] = explain(error)
    Path(report_path).write_text(json.dumps(report), encoding="utf-8")
    return 0


def _export(request: dict[str, Any]) -> dict[str, Any]:
    import copy

    import jax
    import numpy
    import torch
    from jax import export
    from torch.utils import _pytree as pytree
    from torchax.ops import mappings

    from breakcheck.runtime.devices.workers.load_real_case import load_real_case
    from breakcheck.runtime.devices.workers.lowering import Lowerer, jit

    jax.config.update("jax_enable_x64", True)
    torch.manual_seed(0)
    case = load_real_case(request["target"], request["dtype"])
    call = case.normalized()[-1]
    with torch.no_grad():
        twin = copy.deepcopy(case.model)
        result = twin(*copy.deepcopy(call.args), **copy.deepcopy(dict(call.kwargs)))
    expected = [leaf for leaf in pytree.tree_leaves(result) if isinstance(leaf, torch.Tensor)]
    lowerer = Lowerer(case.model, [call], {})
    traced = lowerer.trace(0)
    exported = export.export(jit(traced, None, None), platforms=["cpu", "tpu"])(*traced.avals)
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.mlir").write_text(exported.mlir_module(), encoding="utf-8")
    (folder / "program.jax").write_bytes(exported.serialize())
    changed = [traced.slots[i].name for i in traced.changed]
    manifest: dict[str, Any] = {
        "inputs": [
            {
                "name": slot.name,
                "shape": list(aval.shape),
                "dtype": aval.dtype.name,
                "parameter": slot.is_parameter,
            }
            for slot, aval in zip(traced.slots, traced.avals, strict=True)
        ],
        "outputs": [f"result.{i}" for i in range(traced.num_outputs)] + changed,
        "donated": changed,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    loaded = export.deserialize(bytearray((folder / "program.jax").read_bytes()))
    arrays = [mappings.t2j(slot.tensor.detach()) for slot in traced.slots]
    found = loaded.call(*arrays)[: traced.num_outputs]
    worst = 0.0
    for a, b in zip(expected, found, strict=True):
        wide = a.detach().double().numpy()
        scale = float(numpy.abs(wide).max()) or 1.0
        worst = max(worst, float(numpy.abs(wide - numpy.asarray(b, dtype=numpy.float64)).max()) / scale)
    sizes = {
        name: (folder / name).stat().st_size for name in ("program.mlir", "program.jax", "manifest.json")
    }
    return {"difference": worst, "inputs": len(arrays), "outputs": len(manifest["outputs"]), "files": sizes}


if __name__ == "__main__":
    status = main(*sys.argv[1:3])
    sys.stdout.flush()
    os._exit(status)

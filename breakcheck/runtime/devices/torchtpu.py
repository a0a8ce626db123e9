"""`--device torch-tpu:TOPOLOGY`, experimental: a target captured by TorchTPU's own backend, compiled for one chip.

`torch.compile(backend="tpu", fullgraph=True)` gives StableHLO without a TPU (`workers/torchtpu_worker.py`, in the
environment of `breakcheck setup torch-tpu`), and libtpu compiles that as it does for `--device tpu`
(`workers/stablehlo_worker.py`, in the environment of `breakcheck setup tpu`): compile-verified, not executed. The
capture rests on private parts of TorchTPU; where a release has moved them, the target is skipped with the reason.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from breakcheck import environments
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import tpu_aot, tpu_verdicts
from breakcheck.runtime.devices.subprocesses import run_worker
from breakcheck.runtime.devices.tpu_chips import CHIPS, Topology, parse_topology
from breakcheck.runtime.report_data import Failure, Report, Status, Verdict
from breakcheck.runtime.scenario import Scenario

Data = Mapping[str, Any]


def check(scenario: Scenario) -> Report:
    """The whole report of one target; raises `BreakcheckError` for what is wrong before anything is captured."""
    topology = _topology(scenario)
    capture_python, compile_python = environments.python_of("torch-tpu"), environments.python_of("tpu")
    request = tpu_aot.request_of(scenario, topology, {})
    environment: dict[str, Any] = {"device": scenario.device, "chips": 1, "label": tpu_aot.LABEL}
    notes = [f"{tpu_aot.LABEL}: nothing ran on a TPU", "experimental: TorchTPU captured without a device"]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="breakcheck-torchtpu-") as folder:
        answer = run_worker(
            capture_python, "torchtpu_worker.py", {**request, "folder": folder}, scenario.timeout_s, {}
        )
        captured = time.perf_counter()
        timings = {"capture": captured - began, "build": float(answer.report.get("build_seconds", 0.0))}
        environment.update(answer.report.get("versions", {}))
        environment["peak_rss_bytes"] = answer.report.get("peak_rss_bytes", 0)
        notes += answer.report.get("notes", [])
        programs = [dict(program) for program in answer.report.get("programs", [])]
        files = [program["file"] for program in programs if "file" in program]
        failure = _failure(answer.report, answer.ended, "capture")
        if files:
            job = {"topology": request["topology"], "files": files}
            done = run_worker(compile_python, "stablehlo_worker.py", job, scenario.timeout_s, {})
            failure = failure or _failure(done.report, done.ended, "compile")
            timings["compile"] = time.perf_counter() - captured
            environment.update(done.report.get("versions", {}))
            results = iter(done.report.get("programs", []))
            merged = [{**p, **next(results, {})} if "file" in p else p for p in programs]
            # What the compiler did not come to is no program that it refused: the failure tells of it.
            programs = [p for p in merged if {"refused", "memory", "compile_error"} & set(p)]
    verdicts = judge(answer.report, programs, topology)
    if _skipped(answer.report):
        notes.append(f"skipped: {_skipped(answer.report)}")
    if programs:
        verdicts.update(tpu_aot.dynamo_verdict(scenario, request))
        notes += tpu_verdicts.notes(answer.report)
    wanted = {name: verdict for name, verdict in verdicts.items() if scenario.wants(name)}
    return Report(
        scenario.target, wanted, environment,
        {"device": scenario.device, "dtype": scenario.dtype, "backend": "tpu (TorchTPU)"},
        notes=tuple(notes), failure=failure, timings=timings,
    )  # fmt: skip


def _topology(scenario: Scenario) -> Topology:
    text = scenario.device.partition(":")[2]
    if not text:
        raise BreakcheckError(
            f"--device torch-tpu needs a topology, as torch-tpu:v5e:1x1; known chips: {', '.join(CHIPS)}"
        )
    topology = parse_topology(text)
    if topology.num_devices != 1 or scenario.mesh:
        raise BreakcheckError(
            f"--device {scenario.device}: what one process captures is one device's program: give a topology of one, "
            "as torch-tpu:v5e:1x1, and no --mesh; for a slice there is --device tpu"
        )
    return topology


def _failure(report: Data, ended: str, stage: str) -> Failure | None:
    if ended:
        return Failure("crash", ended, stage)
    if "error" in report:
        return Failure("target", tpu_aot.line_of(report["error"]), stage)
    return None


def judge(report: Data, programs: Sequence[Data], topology: Topology) -> dict[str, Verdict]:
    """Verdicts from what was captured and what the compiler said; `report` is the capture's."""
    reason = _skipped(report)
    if reason:
        return {"compile": Verdict(Status.NOT_CHECKED, f"skipped: {reason}")}
    if not programs:
        return {}
    return {
        "compile": _compile(report, programs),
        "memory": tpu_verdicts.memory(programs, topology),
        "recompiles": tpu_verdicts.recompiles(report.get("signatures", [])),
        "donation": _donation(programs),
        "float64": tpu_verdicts.doubles(programs),
        "syncs": tpu_verdicts.host_calls(programs),
        "latency": Verdict(Status.NOT_CHECKED, "not measured: nothing ran"),
    }


def _skipped(report: Data) -> str:
    moved = str(report.get("moved", ""))
    if moved:
        version = report.get("versions", {}).get("torch_tpu", "of this version")
        return f"torch_tpu {version} has no {moved}, on which the capture without a device rests"
    return str(report.get("skipped", ""))


def _compile(report: Data, programs: Sequence[Data]) -> Verdict:
    verdict = tpu_verdicts.one_program(programs)
    if verdict.status is not Status.PASS:
        return verdict
    version = report.get("versions", {}).get("torch_tpu", "")
    seconds = sum(float(program.get("trace_seconds", 0.0)) for program in programs)
    text = f"{verdict.summary}; captured by TorchTPU {version} with fullgraph=True in {seconds:.1f} s"
    return Verdict(verdict.status, text, {**verdict.evidence, "capture_seconds": seconds})


def _donation(programs: Sequence[Data]) -> Verdict:
    """Not checked: TorchTPU settles it with the device's client, so every changed buffer is counted twice here."""
    captured = [program["changed_bytes"] for program in programs if "changed_bytes" in program]
    if not captured:
        return Verdict(Status.NOT_CHECKED, "no program was captured")
    if None in captured:
        return Verdict(Status.NOT_CHECKED, "torch does not say here which inputs the graph changes")
    changed = max(int(size) for size in captured)
    if not changed:
        return Verdict(Status.NOT_CHECKED, "the calls change no buffer")
    return Verdict(
        Status.NOT_CHECKED,
        f"TorchTPU donates on the device, if it does: the peak counts {tpu_verdicts.size_text(changed)} of changed buffers twice",
        {"changed_bytes": changed},
    )

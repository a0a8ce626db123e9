"""`--device tpu:TOPOLOGY`: a target compiled ahead of time by libtpu for a TPU that isn't there.

Every verdict is of a compiled program: compile-verified, not executed. The work is done by `workers/aot_worker.py` in
the environment of `breakcheck setup tpu`, the Dynamo verdict by `workers/dynamo_on_meta.py` under this Python.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from breakcheck import environments
from breakcheck.errors import BreakcheckError
from breakcheck.runtime import gate
from breakcheck.runtime.devices import tpu_verdicts
from breakcheck.runtime.devices.subprocesses import run_worker, source_roots
from breakcheck.runtime.devices.tpu_chips import CHIPS, Topology, parse_mesh, parse_topology
from breakcheck.runtime.report_data import Failure, Report, Status, Verdict
from breakcheck.runtime.scenario import Scenario

BUNDLED = "breakcheck_models.llama.tpu_cases:case"
LABEL = "compile-verified, not executed"


def check(scenario: Scenario) -> Report:
    """The whole report of one target; raises `BreakcheckError` for what is wrong before anything is compiled."""
    text = scenario.device.partition(":")[2]
    if not text:
        raise BreakcheckError(
            f"--device tpu needs a topology, as tpu:v5e:1x1; known chips: {', '.join(CHIPS)}"
        )
    topology = parse_topology(text)
    mesh = parse_mesh(scenario.mesh, topology)
    if not mesh and topology.num_devices > 1:
        raise BreakcheckError(
            f"{topology.name} has {topology.num_devices} places: say how to use them, as --mesh data=1,model={topology.num_devices}"
        )
    python = environments.python_of("tpu")
    request = request_of(scenario, topology, mesh)
    began = time.perf_counter()
    answer = run_worker(python, "aot_worker.py", request, scenario.timeout_s, {})
    seconds = time.perf_counter() - began
    report = answer.report
    environment = {
        "device": f"tpu:{topology.name}", "chips": topology.num_chips, "mesh": mesh, "label": LABEL,
        **report.get("versions", {}),
    }  # fmt: skip
    timings = {"compile": seconds, "build": float(report.get("build_seconds", 0.0))}
    notes = [f"{LABEL}: nothing ran on a TPU", *report.get("notes", [])]
    failure = None
    if answer.ended:
        failure = Failure("crash", answer.ended, "compile")
    elif "error" in report:
        failure = Failure("target", line_of(report["error"]), "build")
    programs = list(report.get("programs", []))
    if failure is not None and not programs:
        return Report(
            scenario.target, environment=environment, notes=tuple(notes), failure=failure, timings=timings,
            options=_options(scenario),
        )  # fmt: skip
    verdicts = tpu_verdicts.judge(report, topology, report.get("expected_collectives"))
    verdicts.update(dynamo_verdict(scenario, request))
    notes += tpu_verdicts.notes(report)
    environment["peak_rss_bytes"] = report.get("peak_rss_bytes", 0)
    wanted = {name: verdict for name, verdict in verdicts.items() if scenario.wants(name)}
    return Report(
        scenario.target,
        wanted,
        environment,
        _options(scenario),
        notes=tuple(notes),
        failure=failure,
        timings=timings,
    )


def request_of(scenario: Scenario, topology: Topology, mesh: Mapping[str, int]) -> dict[str, Any]:
    """What a worker is asked: target, dtype, topology, mesh, which programs."""
    bundled = ":" not in scenario.target
    return {
        "target": scenario.target,
        "dtype": _dtype(scenario, bundled),
        "topology": {"name": topology.name, "options": dict(topology.chip.options)},
        "mesh": dict(mesh),
        "programs": "last" if bundled else "all",
        "bundled": BUNDLED,
        "train": scenario.train,
    }


def _dtype(scenario: Scenario, bundled: bool) -> str:
    """Bundled models in bfloat16, a TPU's own type; a user's as it is made."""
    return scenario.dtype or ("bfloat16" if bundled else "float32")


def _options(scenario: Scenario) -> dict[str, Any]:
    return {"device": scenario.device, "mesh": scenario.mesh, "dtype": scenario.dtype, "backend": "libtpu"}


def line_of(error: Mapping[str, Any]) -> str:
    """A worker's error in one line, without the class name where the message is meant for people."""
    message = str(error["message"])
    return message if error["kind"] in ("TargetError", "ShardingError") else f"{error['kind']}: {message}"


def dynamo_verdict(scenario: Scenario, request: Mapping[str, Any]) -> dict[str, Verdict]:
    """The graph-break verdict of the same calls by Dynamo, without a device."""
    if not scenario.wants("graph_breaks"):
        return {}
    # The same interpreter as ours: what this process can import, the user's own folders among it, the worker can too.
    path = os.pathsep.join(source_roots())
    answer = run_worker(
        sys.executable,
        "dynamo_on_meta.py",
        request,
        scenario.timeout_s,
        {"PYTHONPATH": path, "TORCH_DEVICE_BACKEND_AUTOLOAD": "0"},
    )
    reason = answer.ended or str(answer.report.get("error", ""))
    if reason:
        return {"graph_breaks": Verdict(Status.NOT_CHECKED, f"Dynamo on the meta device: {reason}")}
    verdict = gate.graph_breaks(answer.report["graph_breaks"])
    return {
        "graph_breaks": Verdict(
            verdict.status, f"{verdict.summary} (Dynamo, on {answer.report['device']})", verdict.evidence
        )
    }

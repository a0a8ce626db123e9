"""`--device xla`: a target run by torch_xla on XLA:CPU (or the TPU that PJRT_DEVICE names), its counters as verdicts.

The work is done by `workers/xla_worker.py` in the environment of `breakcheck setup xla`. torch_xla's last release is
2.9.0, and its README names TorchTPU as its successor, so everything particular to it lies here.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from breakcheck import environments
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices.subprocesses import run_worker
from breakcheck.runtime.places import display_path
from breakcheck.runtime.report_data import Failure, Report, Status, Verdict
from breakcheck.runtime.scenario import Scenario

Data = Mapping[str, Any]
BACKENDS = ("lazy", "openxla")
# One float32 matrix product on XLA:CPU against eager: 3e-7; a model of some layers stays below this.
TOLERANCE = 1e-4


def check(scenario: Scenario) -> Report:
    """The whole report of one target on torch_xla; raises `BreakcheckError` where nothing can be run."""
    backend = "openxla" if scenario.backend == "openxla" else "lazy"
    began = time.perf_counter()
    answer = observe([scenario.target], backend, scenario)
    timings = {"run": time.perf_counter() - began}
    options = {"device": scenario.device, "backend": backend, "mesh": scenario.mesh, "dtype": scenario.dtype}
    environment: dict[str, Any] = {"device": "xla"}
    report = answer[0]
    if "error" in report:
        error = report["error"]
        kind = "environment" if error["kind"] == "ended" else "target"
        message = (
            error["message"]
            if error["kind"] in ("TargetError", "ShardingError", "ended")
            else f"{error['kind']}: {error['message']} ({error['at']})"
        )
        return Report(
            scenario.target,
            environment=environment,
            options=options,
            failure=Failure(kind, message, "run"),
            timings=timings,
        )
    environment |= {"device": f"xla ({os.environ.get('PJRT_DEVICE', 'CPU')})", **report["versions"]}
    verdicts = {name: v for name, v in judge(report).items() if scenario.wants(name)}
    notes = () if os.environ.get("PJRT_DEVICE", "CPU") == "TPU" else ("run on XLA:CPU, not on a TPU",)
    return Report(scenario.target, verdicts, environment, options, notes=notes, timings=timings)


def observe(targets: Sequence[str], backend: str, scenario: Scenario) -> list[Data]:
    """What the worker counted, one report a target, all in one process."""
    python = environments.python_of("xla")
    mesh = _mesh(scenario.mesh)
    variables = {"PJRT_DEVICE": os.environ.get("PJRT_DEVICE", "CPU"), "TORCH_DEVICE_BACKEND_AUTOLOAD": "0"}
    places = 1
    for size in mesh.values():
        places *= size
    if places > 1:
        variables["CPU_NUM_DEVICES"] = str(places)  # the XLA host-platform flag does nothing here
    request = {
        "targets": list(targets), "dtype": scenario.dtype or "float32", "backend": backend, "mesh": mesh,
        "calls": scenario.calls, "warmup": scenario.warmup,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="breakcheck-hlo-") as folder:
        if places > 1:
            # torch_xla's own text is before partitioning; the collectives are in what XLA dumps after it.
            flags = f"--xla_dump_to={folder} --xla_dump_hlo_as_text"
            variables["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
        answer = run_worker(python, "xla_worker.py", request, scenario.timeout_s, variables)
    reports: list[Data] = list(answer.report.get("reports", []))
    ended = {"error": {"kind": "ended", "message": answer.ended, "at": ""}}
    return reports + [ended] * (len(targets) - len(reports))


def _mesh(text: str | None) -> dict[str, int]:
    axes: dict[str, int] = {}
    for part in filter(None, (text or "").split(",")):
        axis, _, size = part.partition("=")
        if not axis.strip().isidentifier() or not size.strip().isdigit() or int(size) < 1:
            raise BreakcheckError(f"--mesh {text}: write it as data=2,model=4")
        axes[axis.strip()] = int(size)
    return axes


def judge(report: Data) -> dict[str, Verdict]:
    """Verdicts from the counters of one target."""
    calls: list[Data] = list(report["calls"])
    measured = calls[int(report["warmup"]) :]
    sites = [{**site, "file": display_path(str(site["file"]))} for site in report["sites"]]
    verdicts = {
        "recompiles": _recompiles(calls, len(calls) - len(measured)),
        "syncs": _syncs(measured, sites),
        "fallbacks": _fallbacks(calls, sites),
        "compile": _graphs(measured),
        "parity": _parity(report["parity"]),
        "float64": _doubles(report, sites),
    }
    if "graph_breaks" in report:
        from breakcheck.runtime import gate

        verdicts["graph_breaks"] = gate.graph_breaks(report["graph_breaks"])
    if report.get("collectives") is not None:
        text = ", ".join(f"{count} {kind}" for kind, count in report["collectives"].items()) or "none"
        verdicts["collectives"] = Verdict(Status.PASS, text, {"collectives": report["collectives"]})
    return verdicts


def _recompiles(calls: Sequence[Data], warmup: int) -> Verdict:
    compiles = [int(call["compiles"]) for call in calls]
    late = sum(compiles[warmup:])
    evidence = {"per_call": compiles, "warmup": warmup}
    if late:
        each = " one a call" if all(compiles[warmup:]) else ""
        return Verdict(
            Status.FAIL,
            f"{late} programs compiled in {len(calls) - warmup} measured calls:{each or ' see per_call'}",
            evidence,
        )
    return Verdict(
        Status.PASS,
        f"none in {len(calls) - warmup} measured calls; {sum(compiles)} programs in warm-up",
        evidence,
    )


def _syncs(measured: Sequence[Data], sites: Sequence[Data]) -> Verdict:
    transfers = sum(int(call["transfers"]) for call in measured)
    reads = sum(int(call["host_reads"]) for call in measured)
    if not transfers and not reads:
        return Verdict(
            Status.PASS, f"no transfer to the host in {len(measured)} measured calls", {"sites": []}
        )
    found = [site for site in sites if site["kind"] in ("aten::_local_scalar_dense", "transfer")]
    text = f"{transfers} transfers to the host in {len(measured)} measured calls ({reads} scalar reads){_places(found)}"
    return Verdict(Status.FAIL, text, {"sites": found, "transfers": transfers, "host_reads": reads})


def _fallbacks(calls: Sequence[Data], sites: Sequence[Data]) -> Verdict:
    ops = sorted({op for call in calls for op in call["fallbacks"]})
    if not ops:
        return Verdict(Status.PASS, "none", {"sites": []})
    found = [site for site in sites if site["kind"] in ops]
    return Verdict(
        Status.FAIL, f"{', '.join(ops)} run on the host{_places(found)}", {"sites": found, "ops": ops}
    )


def _doubles(report: Data, sites: Sequence[Data]) -> Verdict:
    if report["backend"] == "openxla":
        return Verdict(Status.NOT_CHECKED, "looked for op by op, which a compiled call does not run")
    found = [site for site in sites if site["kind"] == "float64"]
    if found:
        return Verdict(Status.FAIL, f"float64 arrays, which a TPU emulates{_places(found)}", {"sites": found})
    return Verdict(Status.PASS, "no float64 array", {"sites": []})


def _places(sites: Sequence[Data]) -> str:
    lines = sorted({f"{site['file']}:{site['line']}" for site in sites if site["file"]})
    return f", at {', '.join(lines[:3])}" if lines else ""


def _graphs(measured: Sequence[Data]) -> Verdict:
    executions = [int(call["executions"]) for call in measured]
    most = max(executions, default=0)
    if most > 1:
        return Verdict(
            Status.FAIL,
            f"{most} programs executed a call, so it is not one graph",
            {"executions": executions},
        )
    return Verdict(Status.PASS, "no call executed more than one program", {"executions": executions})


def _parity(differences: Sequence[Data]) -> Verdict:
    if not all(difference["comparable"] for difference in differences):
        return Verdict(
            Status.FAIL, "outputs differ in number or shape from eager", {"calls": list(differences)}
        )
    worst = max((float(difference["relative"]) for difference in differences), default=0.0)
    status = Status.PASS if worst <= TOLERANCE else Status.FAIL
    return Verdict(
        status,
        f"largest difference to eager {worst:.1e} of the largest value (bound {TOLERANCE:g})",
        {"calls": list(differences)},
    )

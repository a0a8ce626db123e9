"""Is every break of forty real models in the report, none invented, and what does checking cost?

    python benchmarks/real_models.py [--models NAME ...] [--backend eager] [--out results/real_models.json]

Each model runs in fresh processes with cold caches: compiled without a checker (the wall time to compare with),
compiled without a checker but with torch's own TORCH_TRACE files on (the independent record), under
`check --only breaks,recompiles`, and with all verdicts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from breakcheck.join import RuleTable
from breakcheck.runtime.assemble import assemble
from breakcheck.runtime.report_data import Report
from breakcheck.runtime.scenario import Scenario
from breakcheck.runtime.supervise import run_scenario
from breakcheck.runtime.targets import case_functions

HERE = Path(__file__).resolve().parent
CASES = HERE / "real_model_cases.py"
# The same work as a worker does for breaks and recompiles: build, compile, two calls; no breakcheck but `Case`.
BARE = """
import sys
sys.path.insert(0, {folder!r})
import torch, torch._dynamo
import real_model_cases
torch.manual_seed(0)
case = real_model_cases.{name}()
case.model.train(case.train)
compiled = torch.compile(case.model, backend={backend!r})
call = case.normalized()[0]
for index in range(2):
    torch.manual_seed(index)
    compiled(*call.args, **call.kwargs)
"""
GB = re.compile(r"/gb/gb(\d{4,})\.html", re.I)


def processor_seconds() -> float:
    """Processor time of all children that ended: what a busy machine does not stretch."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def bare_seconds(name: str, backend: str, trace: Path | None = None) -> tuple[float, float]:
    """Wall and processor time of the compile without a checker in a fresh process.

    Its structured trace goes to a folder if one is given.
    """
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": cache}
        if trace is not None:
            environment["TORCH_TRACE"] = str(trace)
        begin, used = time.perf_counter(), processor_seconds()
        code = BARE.format(folder=str(HERE), name=name, backend=backend)
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        seconds = (time.perf_counter() - begin, processor_seconds() - used)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    return seconds


def traced_breaks(name: str, backend: str) -> Counter[tuple[str, str]]:
    """(GB id, "path:line" of the innermost frame outside torch) -> number, from torch's own trace files."""
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        bare_seconds(name, backend, Path(folder))
        for path in Path(folder).rglob("*.log"):
            for payload in payloads(path.read_text(encoding="utf-8", errors="replace")):
                found[place_of(payload)] += 1
    return found


def payloads(log: str) -> list[str]:
    """The payload (tab-indented lines) of every `dynamo_graph_break_reason` artifact of a trace file."""
    found: list[str] = []
    lines = log.splitlines()
    for index, line in enumerate(lines):
        if '"dynamo_graph_break_reason"' not in line:
            continue
        body = []
        for following in lines[index + 1 :]:
            if not following.startswith("\t"):
                break
            body.append(following[1:])
        found.append("\n".join(body))
    return found


def place_of(payload: str) -> tuple[str, str]:
    """(GB id, place) of one graph break, read from the text alone."""
    match = GB.search(payload)
    stack = payload.split("User code traceback:", 1)[-1].split("\nTraceback (most recent call last)", 1)[0]
    frames = re.findall(r'File "([^"]+)", line (\d+)', stack)
    users = [f for f in frames if "site-packages/torch/" not in f[0] and not _standard(f[0])]
    path, line = (users or frames)[-1]
    return (f"GB{match[1]}" if match else "", f"{path}:{line}")


def _standard(path: str) -> bool:
    return path.startswith(os.path.dirname(os.__file__)) and "site-packages" not in path


def checked(
    name: str, backend: str, only: tuple[str, ...], table: RuleTable
) -> tuple[Report, tuple[float, float]]:
    """The report of a model, and wall and processor time of its worker."""
    used = processor_seconds()
    scenario = Scenario(target=f"{CASES}:{name}", backend=backend, only=only)
    outcome = run_scenario(scenario)
    return assemble(scenario, outcome, table=table), (outcome.seconds, processor_seconds() - used)


def site_counts(report: Report) -> Counter[tuple[str, str]]:
    """(GB id, "file name:line") -> number of reports."""
    return Counter({(s["gb_id"], f"{Path(s['file']).name}:{s['line']}"): s["count"] for s in report.sites})


def study(name: str, backend: str, table: RuleTable, full: bool, repeat: int) -> dict[str, Any]:
    """One row: verdicts, agreement with torch's own trace, wall times."""
    traced: Counter[tuple[str, str]] = Counter()
    for (gb_id, place), number in traced_breaks(name, backend).items():
        traced[(gb_id, f"{Path(place.rpartition(':')[0]).name}:{place.rpartition(':')[2]}")] += number
    bare = min(bare_seconds(name, backend) for _ in range(repeat))
    only = ("graph_breaks", "recompiles")
    runs = [checked(name, backend, only, table) for _ in range(repeat)]
    report, seconds = runs[0][0], min(run[1] for run in runs)
    own = site_counts(report)
    row: dict[str, Any] = {
        "model": name.removeprefix("case_"),
        "failure": report.failure.message if report.failure else None,
        "sites": [[*key, number] for key, number in own.items()],
        "trace": [[*key, number] for key, number in traced.items()],
        "missed": [list(key) for key in traced if key not in own],
        "invented": [list(key) for key in own if key not in traced],
        "bare_s": bare[0],
        "only_s": seconds[0],
        "factor": seconds[0] / bare[0],
        "bare_cpu_s": bare[1],
        "only_cpu_s": seconds[1],
        "cpu_factor": seconds[1] / bare[1],
        "load": os.getloadavg()[0],
    }
    if full:
        whole, took = checked(name, backend, (), table)
        row |= {
            "verdicts": {key: verdict.status.value for key, verdict in whole.verdicts.items()},
            "all_s": took[0],
            "all_factor": took[0] / bare[0],
            "all_cpu_factor": took[1] / bare[1],
            "stages": dict(whole.timings),
        }
    return row


def show(rows: list[Mapping[str, Any]]) -> str:
    """The table of all models and what it comes to."""
    table = [
        (
            row["model"], len(row["sites"]), len(row["missed"]), len(row["invented"]),
            f"{row['bare_s']:.1f}", f"{row['only_s']:.1f}", f"{row['factor']:.2f}", f"{row['cpu_factor']:.2f}",
            f"{row['all_factor']:.2f}" if "all_factor" in row else "",
            " ".join(f"{k}:{v}" for k, v in row.get("verdicts", {}).items() if v != "not_checked"),
        )
        for row in rows
    ]  # fmt: skip
    heads = [
        "model",
        "sites",
        "missed",
        "invented",
        "bare s",
        "breaks,recompiles s",
        "factor",
        "all",
        "verdicts",
    ]
    total = sum(row["only_s"] for row in rows) / sum(row["bare_s"] for row in rows)
    cpu = sum(row["only_cpu_s"] for row in rows) / sum(row["bare_cpu_s"] for row in rows)
    text = f"{len(rows)} models; factor over all: wall {total:.2f}, processor time {cpu:.2f}"
    return tabulate(table, heads) + "\n\n" + text


def main() -> None:
    """Studies the models one after another; writes the results after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="*")
    parser.add_argument("--backend", default="eager")
    parser.add_argument("--full", action="store_true", help="all verdicts too")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each kind; the fastest counts")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "real_models.json")
    options = parser.parse_args()
    names = [
        n for n in case_functions(CASES) if not options.models or n.removeprefix("case_") in options.models
    ]
    table = RuleTable()
    rows: list[dict[str, Any]] = []
    for name in names:
        rows.append(study(name, options.backend, table, options.full, options.repeat))
        facts = {
            "torch": torch.__version__,
            "backend": options.backend,
            "cores": os.cpu_count(),
            "command": sys.argv,
        }
        options.out.write_text(json.dumps(facts | {"rows": rows}, indent=1) + "\n")
        print(
            f"{rows[-1]['model']}: factor {rows[-1]['factor']:.2f}, missed {rows[-1]['missed']}, invented {rows[-1]['invented']}",
            flush=True,
        )
    print("\n" + show(rows))


if __name__ == "__main__":
    main()

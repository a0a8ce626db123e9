"""Is every break of real models in the report, none invented, and what does checking cost?

    python benchmarks/real_models.py table [--models NAME ...] [--backend eager]
    python benchmarks/real_models.py cost --models NAME ... [--backend inductor] [--repeat 3] [--full]
    python benchmarks/real_models.py show

`table` checks each model with all verdicts and holds its sites against the files that torch itself wrote (TORCH_TRACE)
in another process without a checker. `cost` times, interleaved and with cold caches, the bare compile, the check of
breaks and recompiles, and with --full all verdicts. `table` with names adds those that are missing. Results go to results/real_models.json, the page beside it.
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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from breakcheck.join import RuleTable
from breakcheck.runtime.assemble import assemble
from breakcheck.runtime.report_data import VERDICTS, Report
from breakcheck.runtime.scenario import Scenario
from breakcheck.runtime.supervise import Outcome, run_scenario
from breakcheck.runtime.targets import case_functions

HERE = Path(__file__).resolve().parent
CASES = (HERE / "real_breaking_cases.py", HERE / "real_model_cases.py")
# The same work as a worker does for breaks and recompiles: build, compile, two calls; no breakcheck but `Case`.
WORK = """
import sys, time
sys.path.insert(0, {folder!r})
import torch, torch._dynamo
from torch.utils._pytree import tree_leaves
def work(module, name, backend):
    torch.manual_seed(0)
    case = getattr(__import__(module), name)()
    case.model.train(case.train)
    compiled = torch.compile(case.model, backend=backend)
    call = case.normalized()[0]
    begin, used = time.perf_counter(), time.process_time()
    for index in range(2):
        torch.manual_seed(index)
        out = compiled(*call.args, **call.kwargs)
        if case.train:
            case.model.zero_grad()
            leaves = [t for t in tree_leaves(dict(out)) if isinstance(t, torch.Tensor) and t.requires_grad]
            sum(t.float().sum() for t in leaves).backward()
    return time.perf_counter() - begin, time.process_time() - used
"""
# One process a model, forked from one that imported everything and compiled nothing.
TRACED = """
import logging, os
import transformers, diffusers
(handler,) = [h for h in logging.getLogger("torch.__trace").handlers if hasattr(h, "root_dir")]
for module, name in {names!r}:
    if (child := os.fork()) == 0:
        handler.root_dir = os.path.join({out!r}, name)
        os.mkdir(handler.root_dir)
        try:
            work(module, name, {backend!r})
        except BaseException as error:
            print(name, type(error).__name__, error, flush=True)
            os._exit(1)
        os._exit(0)
    os.waitpid(child, 0)
"""
GB = re.compile(r"/gb/gb(\d{4,})\.html", re.I)
Key = tuple[str, str]


def processor_seconds() -> float:
    """Processor time of all children that ended: what a busy machine does not stretch."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_python(code: str, trace: Path | None = None) -> str:
    """Standard output of a program with cold caches; its structured trace goes to a folder if one is given."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": cache}
        if trace is not None:
            environment["TORCH_TRACE"] = str(trace)
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"the program without a checker failed: {done.stderr.strip()[-400:]}")
    return done.stdout


def traces(names: Sequence[tuple[Path, str]], backend: str) -> dict[str, list[dict[str, str]]]:
    """What torch wrote of each model: records with `kind` ("break", "recompile", "gave up") and payload."""
    with tempfile.TemporaryDirectory() as folder:
        listed = [(path.stem, name) for path, name in names]
        code = WORK.format(folder=str(HERE)) + TRACED.format(names=listed, out=folder, backend=backend)
        print(run_python(code, Path(folder)), end="")
        return {
            name: [
                one
                for log in Path(folder, name).rglob("*.log")
                for one in records(log.read_text("utf-8", "replace"))
            ]
            for _path, name in names
        }


def records(log: str) -> list[dict[str, str]]:
    """The artifacts of a trace file that concern us, each with its payload (the tab-indented lines after it)."""
    kinds = {
        "dynamo_graph_break_reason": "break",
        "recompile_reasons": "recompile",
        "dynamo_error": "gave up",
    }
    found = []
    lines = log.splitlines()
    for index, line in enumerate(lines):
        name = re.search(r'"artifact": \{"name": "(\w+)"', line)
        if name is None or name[1] not in kinds:
            continue
        body = []
        for following in lines[index + 1 :]:
            if not following.startswith("\t"):
                break
            body.append(following[1:])
        found.append({"kind": kinds[name[1]], "text": "\n".join(body)})
    return found


def place_of(payload: str) -> Key:
    """(GB id, "file name:line") of one graph break, read from the text alone: the innermost frame outside torch."""
    match = GB.search(payload)
    stack = payload.split("User code traceback:", 1)[-1].split("\nTraceback (most recent call last)", 1)[0]
    frames = re.findall(r'File "([^"]+)", line (\d+)', stack)
    users = [f for f in frames if "site-packages/torch/" not in f[0] and not _standard(f[0])]
    path, line = (users or frames)[-1]
    return (f"GB{match[1]}" if match else "", f"{Path(path).name}:{line}")


def _standard(path: str) -> bool:
    return path.startswith(os.path.dirname(os.__file__)) and "site-packages" not in path


def checked(
    path: Path, name: str, backend: str, only: tuple[str, ...], table: RuleTable
) -> tuple[Report, Outcome, float]:
    """The report of a model, what its worker recorded, and the processor time of its worker."""
    used = processor_seconds()
    scenario = Scenario(target=f"{path}:{name}", backend=backend, only=only)
    outcome = run_scenario(scenario)
    return assemble(scenario, outcome, table=table), outcome, processor_seconds() - used


def table_row(name: str, report: Report, seen: list[dict[str, str]]) -> dict[str, Any]:
    """Verdicts of a model, and its sites beside those of torch's own trace, with how often each was reported."""
    traced = Counter(place_of(one["text"]) for one in seen if one["kind"] == "break")
    own = Counter({(s["gb_id"], f"{Path(s['file']).name}:{s['line']}"): s["count"] for s in report.sites})
    recompiles = report.verdicts["recompiles"].evidence["sites"] if "recompiles" in report.verdicts else []
    return {
        "model": name.removeprefix("case_"),
        "failure": report.failure.message if report.failure else None,
        "verdicts": {key: [v.status.value, v.summary] for key, v in report.verdicts.items()},
        "rules": sorted({str(site["rule"] or site["rule_candidates"]) for site in report.sites}),
        "sites": [[*key, number] for key, number in own.items()],
        "trace": [[*key, number] for key, number in traced.items()],
        "missed": [list(key) for key in traced if key not in own],
        "invented": [list(key) for key in own if key not in traced],
        "counts_differ": [list(key) for key in own if key in traced and own[key] != traced[key]],
        "recompiles": [len(recompiles), sum(one["kind"] == "recompile" for one in seen)],
        "seconds": dict(report.timings),
    }


def cost_row(
    path: Path, name: str, backend: str, repeat: int, full: bool, table: RuleTable
) -> dict[str, Any]:
    """Wall and processor seconds of the bare compile and of the checks, each the fastest of interleaved runs."""
    bare, only = [], []
    code = WORK.format(folder=str(HERE)) + f"print(*work({path.stem!r}, {name!r}, {backend!r}))"
    for _ in range(repeat):
        begin, used = time.perf_counter(), processor_seconds()
        inside = [float(number) for number in run_python(code).split()[-2:]]
        bare.append([time.perf_counter() - begin, processor_seconds() - used, *inside])
        _report, outcome, processor = checked(path, name, backend, ("graph_breaks", "recompiles"), table)
        only.append([outcome.seconds, processor, outcome.timings["compile"], outcome.processor["compile"]])
    row: dict[str, Any] = {
        "model": name.removeprefix("case_"),
        "backend": backend,
        "bare": [min(column) for column in zip(*bare, strict=True)],
        "only": [min(column) for column in zip(*only, strict=True)],
        "runs": {"bare": bare, "only": only},
        "load": os.getloadavg()[0],
    }
    if full:
        report, outcome, processor = checked(path, name, backend, (), table)
        row["all"] = [outcome.seconds, processor]
        row["stages"] = {key: [value, outcome.processor[key]] for key, value in outcome.timings.items()}
        row["verdicts"] = {key: v.status.value for key, v in report.verdicts.items()}
    return row


def page(data: Mapping[str, Any]) -> str:
    """The results as Markdown."""
    rows = data["table"]["rows"]
    text = ["# Real models: verdicts, agreement with torch's own trace, cost", "", data["note"], ""]
    names = [
        key
        for key in VERDICTS
        if any(row["verdicts"].get(key, ["not_checked"])[0] != "not_checked" for row in rows)
    ]
    text += [f"## {len(rows)} models, `{data['table']['command']}`", ""]
    text.append(
        tabulate(
            [
                (
                    row["model"], sum(n for *_, n in row["trace"]), len(row["trace"]), len(row["sites"]),
                    len(row["missed"]), len(row["invented"]), len(row["counts_differ"]),
                    "/".join(map(str, row["recompiles"])), *(row["verdicts"].get(key, ["-"])[0] for key in names),
                    row["failure"] or "",
                )
                for row in rows
            ],
            ["model", "breaks in the trace", "its sites", "sites reported", "missed", "invented", "counts differ",
             "recompiles ours/trace", *(VERDICTS[key] for key in names), "failure"],
            "github",
        )
    )  # fmt: skip
    total = [
        sum(len(row[key]) for row in rows)
        for key in ("trace", "sites", "missed", "invented", "counts_differ")
    ]
    text += [
        "",
        "Sites in torch's trace {}, reported {}, missed {}, invented {}, counted otherwise {}.".format(
            *total
        ),
        "",
    ]
    text += ["## Every site", ""]
    text.append(
        tabulate(
            [(row["model"], gb, place, number) for row in rows for gb, place, number in row["sites"]],
            ["model", "GB id", "place", "times reported"],
            "github",
        )
    )
    for cost in data["cost"]:
        text += ["", *cost_page(cost)]
    return "\n".join(text) + "\n"


def cost_page(cost: Mapping[str, Any]) -> list[str]:
    """The cost section of one command."""
    rows = cost["rows"]
    kinds = (
        "whole process, wall",
        "whole process, processor",
        "compile and calls, wall",
        "compile and calls, processor",
    )
    text = [f"## Cost, backend {cost['backend']}: `{cost['command']}`", ""]
    kinds = kinds[: len(rows[0]["bare"])]
    for index, kind in enumerate(kinds):
        total = sum(row["only"][index] for row in rows) / sum(row["bare"][index] for row in rows)
        text.append(f"- `--only breaks,recompiles` over the bare compile, {kind}: **{total:.2f}** over all")
    whole = [row for row in rows if "all" in row]
    if whole:
        for index, kind in enumerate(kinds[:2]):
            total = sum(row["all"][index] for row in whole) / sum(row["bare"][index] for row in whole)
            text.append(f"- all verdicts over the bare compile, {kind}: **{total:.2f}**")
    table = [
        (row["model"], *(f"{row['only'][i] / row['bare'][i]:.2f}" for i in range(len(kinds))), f"{row['bare'][1]:.1f}",
         *([f"{row['all'][0] / row['bare'][0]:.2f}", f"{row['all'][1] / row['bare'][1]:.2f}"] if "all" in row else []),
         f"{row['load']:.0f}")
        for row in rows
    ]  # fmt: skip
    heads = ["model", *(f"only: {kind}" for kind in kinds), "bare processor s"]
    text += [
        "",
        tabulate(table, [*heads, *(["all, wall", "all, processor"] if whole else []), "load"], "github"),
    ]
    if whole:
        stages = list(dict.fromkeys(stage for row in whole for stage in row["stages"]))
        shares = [
            (
                row["model"],
                *(
                    f"{row['stages'][s][1] / row['bare'][1]:.2f}" if s in row["stages"] else ""
                    for s in stages
                ),
            )
            for row in whole
        ]
        text += ["", "All verdicts by stage, each stage's processor time over the bare process's (compiler processes that a "
                 "stage starts are in the whole only):", "", tabulate(shares, ["model", *stages], "github")]  # fmt: skip
    return text


def main() -> None:
    """One command; results are written after each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("table", "cost", "show"))
    parser.add_argument("--models", nargs="*")
    parser.add_argument("--backend", default="eager")
    parser.add_argument("--full", action="store_true", help="cost: all verdicts too")
    parser.add_argument("--repeat", type=int, default=3, help="cost: runs of each kind; the fastest counts")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "real_models.json")
    options = parser.parse_args()
    names = [
        (path, name)
        for path in CASES
        for name in case_functions(path)
        if not options.models or name.removeprefix("case_") in options.models
    ]
    data: dict[str, Any] = json.loads(options.out.read_text()) if options.out.exists() else {}
    machine = f"torch {torch.__version__}, {os.cpu_count()} cores; load and processor time are given because the machine was shared."
    told = [word for word in sys.argv[1:] if word not in ("--out", str(options.out))]
    command = " ".join(["python", "benchmarks/real_models.py", *told])
    table_of = {"backend": options.backend, "command": command, "rows": []}
    data = {"note": machine, "table": table_of, "cost": []} | data
    table = RuleTable()
    if options.what == "table":
        if options.models is None:
            data["table"] = {"backend": options.backend, "command": command, "rows": []}
        done = {row["model"] for row in data["table"]["rows"]}
        names = [(path, name) for path, name in names if name.removeprefix("case_") not in done]
        seen = traces(names, options.backend)
        for path, name in names:
            report = checked(path, name, options.backend, (), table)[0]
            row = table_row(name, report, seen[name])
            data["table"]["rows"].append(row)
            print(row["model"], len(row["sites"]), "sites, missed", row["missed"], "invented", row["invented"],
                  "counts", row["counts_differ"], row["recompiles"], row["failure"] or "", flush=True)  # fmt: skip
            options.out.write_text(json.dumps(data, indent=1) + "\n")
    elif options.what == "cost":
        cost: dict[str, Any] = {"backend": options.backend, "command": command, "rows": []}
        data["cost"] = [one for one in data["cost"] if one["command"] != command] + [cost]
        for path, name in names:
            row = cost_row(path, name, options.backend, options.repeat, options.full, table)
            cost["rows"].append(row)
            print(row["model"], [round(a / b, 2) for a, b in zip(row["only"], row["bare"], strict=True)],
                  row.get("all"), flush=True)  # fmt: skip
            options.out.write_text(json.dumps(data, indent=1) + "\n")
    options.out.with_suffix(".md").write_text(page(data))


if __name__ == "__main__":
    main()

"""Rows of a truth set out of real model runs: where Dynamo broke, and which lines it traced.

One row (one JSON object a line) is one model in one mode: `breaks` with the innermost user frame and the user stack,
`reached` with the line ranges that were really traced, both with paths relative to a package root. A static finding can
then be judged against what happened, by benchmarks/accuracy.py.

    python benchmarks/collect_truth.py cases.py:factory --root site-packages --out rows.jsonl
    python benchmarks/collect_truth.py cases.py --list names.txt --root site-packages --out rows.jsonl

A factory takes no argument, or one name of the list, and yields `Run`s (or breakcheck `Case`s). `cases.py` alone means
`cases.py:cases`. Each factory call runs in a forked process of its own with a time and a memory limit; what it wrote
before it was ended is kept. Rows are appended, and names that the file already holds are passed over.
"""

from __future__ import annotations

import argparse
import copy
import gc
import importlib
import importlib.util
import inspect
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from breakcheck.case import Case

CodeLines = dict[types.CodeType, set[int]]


@dataclass(frozen=True)
class Run:
    """One row to be made: a case, the names it goes by, and whether the model is put into training mode."""

    case: Case
    suite: str = "cases"
    model: str = ""
    class_name: str = ""
    mode: str = "eval"
    calls: tuple[str, ...] = ()


class OutOfTime(BaseException):
    """Raised in the worker shortly before its time limit, so that the row keeps what was seen; Dynamo can't catch it."""


@contextmanager
def traced_lines() -> Iterator[CodeLines]:
    """The lines whose bytecode Dynamo interprets inside the block, by code object; resume functions by their original."""
    from torch._dynamo.resume_execution import ContinueExecutionCache
    from torch._dynamo.symbolic_convert import InstructionTranslatorBase as Translator

    lines: CodeLines = {}
    original = Translator.starts_line

    def starts_line(self: Any, lineno: int) -> None:
        lines.setdefault(self.f_code, set()).add(lineno)
        original(self, lineno)

    setattr(Translator, "starts_line", starts_line)  # noqa: B010
    try:
        yield lines
    finally:
        setattr(Translator, "starts_line", original)  # noqa: B010
        for code in list(lines):
            meta = ContinueExecutionCache.generated_code_metadata.get(code)
            if meta is not None:
                lines.setdefault(meta.code, set()).update(lines.pop(code))


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Sorted numbers as [first, last] runs: 1, 2, 5 is [[1, 2], [5, 5]]."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def last_line(code: types.CodeType) -> int:
    """The last line that an instruction of a code object, or of one nested in it, starts on."""
    starts = [line for _start, _end, line in code.co_lines() if line is not None]
    nested = [last_line(item) for item in code.co_consts if isinstance(item, types.CodeType)]
    return max([code.co_firstlineno, *starts, *nested])


def relative(path: str, roots: Sequence[str]) -> str:
    """A path below the first root that holds it, else as it is."""
    for root in roots:
        if path.startswith(root.rstrip(os.sep) + os.sep):
            return os.path.relpath(path, root)
    return path


def reached(lines: CodeLines, roots: Sequence[str]) -> list[dict[str, Any]]:
    """The traced line ranges of every code object outside torch, the standard library and breakcheck."""
    from breakcheck.runtime.places import is_foreign

    merged: dict[tuple[str, str, int], tuple[int, set[int]]] = {}
    for code, numbers in lines.items():
        if is_foreign(code.co_filename):
            continue
        name = getattr(code, "co_qualname", code.co_name)
        key = (relative(code.co_filename, roots), name, code.co_firstlineno)
        end, known = merged.get(key, (0, set()))
        merged[key] = (max(end, last_line(code)), known | numbers)
    return [
        {"file": file, "function": name, "first_line": first, "last_line": end, "lines": ranges(numbers)}
        for (file, name, first), (end, numbers) in sorted(merged.items())
    ]


def break_rows(
    events: Sequence[Any], roots: Sequence[str], call_names: Sequence[str]
) -> list[dict[str, Any]]:
    """Every break by place, kind and user stack, in order of first appearance, with the recompile limits."""
    from breakcheck.runtime import events as read
    from breakcheck.runtime.observation import BreakSite
    from breakcheck.runtime.places import is_foreign

    rest = [event for event in events if event.kind != "break"]
    sites: list[BreakSite] = []
    for event in events:
        if event.kind == "break":
            sites += read.break_sites([event, *rest])[:1]
    known = {site.key for site in sites}
    sites += [site for site in read.break_sites(rest) if site.key not in known]

    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for site in sites:
        stack = [
            f"{relative(f.path, roots)}:{f.line}:{f.function}"
            for f in site.user_stack
            if not is_foreign(f.path)
        ]
        call = call_names[site.call] if site.call < len(call_names) else str(site.call)
        row = found.setdefault(
            (site.path, site.line, site.gb_id or site.gb_type, site.kind.value, tuple(stack)),
            {
                "file": relative(site.path, roots),
                "line": site.line,
                "function": site.function.rsplit(".", 1)[-1],
                "gb_type": site.gb_type,
                "gb_id": site.gb_id,
                "reason": site.reason,
                "kind": site.kind.value,
                "owner": site.owner,
                "user_stack": stack,
                "count": 0,
                "calls": [],
            },
        )
        row["count"] += site.count
        if call not in row["calls"]:
            row["calls"].append(call)
    for hit in read.limits(events):
        place = {"file": relative(hit.path, roots), "line": hit.line, "function": hit.function}
        text = {"gb_type": "Dynamo recompile limit exceeded", "gb_id": "", "reason": hit.reason}
        found[("limit", hit.path, hit.line)] = {
            **place, **text, "kind": "unlogged_skip", "owner": hit.owner,
            "user_stack": [f"{place['file']}:{hit.line}:{hit.function}"], "count": 1,
            "calls": [call_names[hit.call] if hit.call < len(call_names) else str(hit.call)],
        }  # fmt: skip
    return list(found.values())


def row_of(run: Run, roots: Sequence[str]) -> dict[str, Any]:
    """The row of one run: eager first (a model that fails there says nothing about the compiler), then compiled."""
    import torch

    from breakcheck.runtime.observe import Compiled, clean_state, from_events
    from breakcheck.runtime.trace import collecting

    calls = run.case.normalized()
    names = run.calls or tuple(f"call{index}" for index in range(len(calls)))
    model = run.case.model
    row: dict[str, Any] = {
        "suite": run.suite, "model": run.model or run.case.name,
        "class": run.class_name or type(model).__name__, "mode": run.mode, "torch": torch.__version__, "ok": False,
        "n_graphs": 0, "ops": 0, "breaks": [], "recompiles": [], "skipped": [], "reached": [], "fullgraph_ok": None,
        "fullgraph_checked": False, "calls": [], "error": None,
    }  # fmt: skip
    if isinstance(model, torch.nn.Module):
        model.train(run.mode == "train")
    case = replace(run.case, train=False)
    eager = Compiled(case, untouched_copy(model), calls, 0)
    with torch.set_grad_enabled(run.mode == "train"):
        kept = 0
        for index in range(len(calls)):
            try:
                eager.run(index)
                kept += 1
            except Exception as error:
                if index == 0:
                    return {**row, "error": f"eager: {type(error).__name__}: {error}"[:500]}
                break
        calls, names = calls[:kept], tuple(names[:kept])
        with clean_state(), traced_lines() as lines, collecting() as collector:
            ready = Compiled(case, torch.compile(model, backend="eager"), calls, 0)
            error_text = None
            for index in range(len(calls)):
                try:
                    ready.run(index, collector)
                    row["calls"].append(names[index])
                except (Exception, OutOfTime) as error:
                    error_text = f"compiled: {type(error).__name__}: {error}"[:500]
                    break
            seen = list(collector.events)
    observation = from_events(seen, [])
    return {
        **row,
        "ok": error_text is None,
        "error": error_text,
        "n_graphs": len(observation.graphs),
        "ops": observation.op_count,
        "breaks": break_rows(seen, roots, names),
        "recompiles": [
            {"file": relative(r.path, roots), "function": r.function, "line": r.line, "reasons": list(r.guards),
             "call": names[r.call] if r.call < len(names) else str(r.call)}
            for r in observation.recompiles
        ],
        "skipped": [
            {"file": relative(s.path, roots), "function": s.function, "first_line": s.first_line, "reason": s.reason}
            for s in observation.skipped_frames
        ],
        "reached": reached(lines, roots),
    }  # fmt: skip


def untouched_copy(model: Callable[..., Any]) -> Callable[..., Any]:
    """A copy to run eagerly, so that the model is compiled in the state it was made in; itself where it has no copy."""
    try:
        return copy.deepcopy(model)
    except Exception:
        return model


def runs_of(factory: Callable[..., Any], name: str | None) -> Iterator[Run]:
    """The runs a factory gives, cases wrapped."""
    given = factory(name) if inspect.signature(factory).parameters else factory()
    for item in [given] if isinstance(given, (Run, Case)) else given:
        run = Run(item, mode="train" if item.train else "eval") if isinstance(item, Case) else item
        yield replace(run, model=run.model or name or run.case.name)


def load(spec: str) -> Callable[..., Any]:
    """The factory named by FILE.py:FUNCTION; raises ValueError when there is none."""
    path, _, name = spec.partition(":")
    module_spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    if module_spec is None or module_spec.loader is None or not Path(path).exists():
        raise ValueError(f"{path}: no such Python file")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_spec.name] = module
    module_spec.loader.exec_module(module)
    factory: Callable[..., Any] | None = getattr(module, name or "cases", None)
    if factory is None:
        raise ValueError(f"{path}: no function {name or 'cases'!r}")
    return factory


def work(
    factory: Callable[..., Any],
    name: str | None,
    roots: Sequence[str],
    out: str,
    memory_gb: float,
    seconds: float,
) -> None:
    """Writes the rows of one factory call, in a process of its own."""
    limit = int(memory_gb * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    gc.disable()  # short-lived, and a third faster

    def out_of_time(_signal: int, _frame: object) -> None:
        raise OutOfTime(f"{seconds:g} s")

    signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds * 0.9)
    runs = runs_of(factory, name)
    while True:
        try:
            run = next(runs, None)
            if run is None:
                return
            row = row_of(run, roots)
        except (Exception, OutOfTime) as error:
            print(traceback.format_exc()[-1500:], file=sys.stderr)
            write(out, failure(name, f"setup: {type(error).__name__}: {error}"[:500]))
            return
        write(out, row)


def failure(name: str | None, error: str) -> dict[str, Any]:
    """The row of a name that gave no run."""
    return {"suite": "", "model": name or "", "class": "", "mode": "", "ok": False, "breaks": [], "reached": [],
            "calls": [], "error": error}  # fmt: skip


def write(out: str, row: dict[str, Any]) -> None:
    """Appends one row."""
    with open(out, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def in_own_process(target: Callable[..., None], arguments: tuple[Any, ...], seconds: float) -> str:
    """ "" when a forked call ended well in time, else why not."""
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return f"time limit: {seconds:g} s"
    return "" if process.exitcode == 0 else f"process ended with {process.exitcode}"


def main(argv: Sequence[str] | None = None) -> int:
    """Collects the rows; the number of the factory calls that were ended is reported, not an exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n")[0])
    parser.add_argument("factory", help="FILE.py or FILE.py:FUNCTION")
    parser.add_argument("--list", type=Path, help="names to call the factory with, one a line")
    parser.add_argument("--name", action="append", default=[], help="one such name")
    parser.add_argument("--root", action="append", default=[], help="folder that paths are given relative to")
    parser.add_argument("--out", required=True)
    parser.add_argument("--timeout", type=float, default=150.0, help="seconds for one factory call")
    parser.add_argument("--memory-gb", type=float, default=12.0)
    options = parser.parse_args(argv)
    names: list[str | None] = [*options.name]
    if options.list is not None:
        names += [line.strip() for line in options.list.read_text("utf-8").splitlines() if line.strip()]
    done: set[str] = set()
    if os.path.exists(options.out):
        with open(options.out, encoding="utf-8") as file:
            done = {str(json.loads(line)["model"]) for line in file}
    roots = [os.path.abspath(root) for root in options.root] or [folder for folder in sys.path if folder]
    try:
        factory = load(options.factory)
    except ValueError as error:
        print(f"collect_truth: {error}", file=sys.stderr)
        return 2
    importlib.import_module("torch._dynamo.symbolic_convert")  # once, before the forks
    from breakcheck.runtime.trace import self_test

    if in_own_process(lambda: sys.exit(0 if self_test() else 3), (), 120):
        print(
            "collect_truth: this torch does not report a graph break through its structured trace",
            file=sys.stderr,
        )
        return 2
    for name in names or [None]:
        if name in done:
            continue
        begin = time.time()
        ended = in_own_process(
            work, (factory, name, roots, options.out, options.memory_gb, options.timeout), options.timeout
        )
        if ended:
            write(options.out, failure(name, ended))
        print(f"{name or options.factory}: {time.time() - begin:.1f} s {ended}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

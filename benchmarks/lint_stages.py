"""Where the linter's time goes: CPU seconds by stage over a folder, in all processes, beside ruff's on the same files.

    python benchmarks/lint_stages.py FOLDER [--ruff PATH] [--out FILE]

Frames are counted by themselves (what they call apart): `here` are the functions of the file that is analysed,
`elsewhere` those of files that it calls; `traced` what a compiled region runs, `host` constructors and module level.
The clocks themselves cost a few per cent.
"""

from __future__ import annotations

import argparse
import os
import pickle
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lint_speed import measured
from tabulate import tabulate

from breakcheck.file_linter import FileLinter
from breakcheck.files import library_path
from breakcheck.options import Options
from breakcheck.result import merged
from breakcheck.semantic import engine, project, rounds
from breakcheck.semantic.frame import Frame
from breakcheck.semantic.symbols import ModuleInfo
from breakcheck.semantic.values import Value
from breakcheck.semantic.workers import Workers


class Stages:
    """CPU seconds and calls by stage; what a stage calls of another stage counts there only."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._inner: list[float] = []

    def timed(self, stage: str, run: Callable[[], Any]) -> Any:
        """The result of `run`, its time added to a stage."""
        self._inner.append(0.0)
        start = time.process_time()
        try:
            return run()
        finally:
            spent = time.process_time() - start
            self.seconds[stage] += spent - self._inner.pop()
            self.calls[stage] += 1
            if self._inner:
                self._inner[-1] += spent

    def wrap(self, owner: object, name: str, stage: str) -> None:
        """Let every call of `owner.name` count."""
        inner = getattr(owner, name)
        setattr(owner, name, lambda *args, **named: self.timed(stage, lambda: inner(*args, **named)))


def frames(stages: Stages) -> None:
    """Let every interpreted function count, by kind."""
    run = Frame.run

    def counted(frame: Frame) -> Value:
        here = frame.module is frame.interpreter.focus
        stage = f"{'traced' if frame.traced else 'host'} functions, {'here' if here else 'elsewhere'}"
        return stages.timed(stage, lambda: run(frame))  # type: ignore[no-any-return]

    Frame.run = counted  # type: ignore[method-assign]


def stages_of(files: list[Path]) -> tuple[Stages, float]:
    """The stages of linting files anew in this process, and the CPU seconds of all together."""
    stages = Stages()
    options = Options()
    options.rules()
    linter = FileLinter(options)
    settings = engine._Settings(
        lambda facts: stages.timed("rules", lambda: linter(facts)), library_path((), Path()), (), {}
    )
    start = partial(engine._start, settings)
    stages.wrap(project, "parse", "parse")
    stages.wrap(project, "index_module", "index of names")
    stages.wrap(project, "outline_module", "outlines of imported files")
    for name in ("parse", "parse_class"):
        stages.wrap(ModuleInfo, name, "parse of what is asked of them")
    frames(stages)
    main, work = os.getpid(), engine._work
    before = cpu_s()
    with tempfile.TemporaryDirectory() as folder:

        def counted(chunk: list[rounds.Task]) -> list[Any]:
            if os.getpid() != main:
                stages.seconds.clear()  # what it has been forked with
                stages.calls.clear()
            outcomes: list[Any] = stages.timed("between functions", lambda: work(chunk))
            if os.getpid() != main:
                out = Path(folder, f"{os.getpid()}-{time.monotonic_ns()}")
                out.write_bytes(pickle.dumps((stages.seconds, stages.calls)))
            return outcomes

        engine._work = counted
        with engine._without_collector(), Workers[list[rounds.Task], list[Any]](1, start) as workers:
            in_processes = engine._InProcesses(workers, lambda: None)
            rounds.complete({}, files, {str(path.resolve()): path for path in files}, in_processes, merged)
        for part in Path(folder).iterdir():
            seconds, calls = pickle.loads(part.read_bytes())
            stages.seconds.update(seconds)
            stages.calls.update(calls)
    return stages, cpu_s() - before


def cpu_s() -> float:
    """CPU seconds of this process and of those it has waited for."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ruff", default=shutil.which("ruff") or str(Path(sys.executable).with_name("ruff")))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.py"))
    ruff = measured("ruff", [options.ruff, "check", "--no-cache", "--exit-zero", str(options.folder)]).cpu_s
    stages, total = stages_of(files)

    def row(stage: str, seconds: float, calls: str) -> list[str]:
        # A clock of ticks shows no time for a small folder.
        return [stage, f"{seconds:.1f}", f"{seconds / ruff:.1f}" if ruff else "", calls]

    rows = [
        row(stage, seconds, f"{stages.calls[stage]:,}") for stage, seconds in stages.seconds.most_common()
    ]
    table = tabulate(
        [*rows, row("all", total, "")],
        headers=["stage", "CPU s", "times ruff's CPU", "calls"],
        tablefmt="github",
        disable_numparse=True,
    )
    text = (
        f"{len(files):,} files; {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load "
        f"{os.getloadavg()[0]:.1f}; ruff check --no-cache: {ruff:.2f} CPU s\n\n{table}\n"
    )
    print(text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

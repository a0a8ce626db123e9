"""How fast `breakcheck lint` is on a folder: cold and warm, beside ruff, `ast.parse` and the peers that are there.

    python benchmarks/lint_speed.py FOLDER [--jobs 2] [--ruff PATH] [--torchfix PATH] [--mlinter PATH]
        [--example FILE] [--out FILE]

All run one after the other on the same files of the same machine. Of ours two are measured: what `pip install` makes of
the checkout, its analysis compiled where there is a C compiler, and the sources as an editable install runs them. Of
ruff and ours the quickest of three runs counts. CPU is user plus system time of all processes; on a busy machine it is
what compares, the wall clock is not. TorchFix and transformers-mlinter take minutes on a large folder: they run on every
n-th file (`--sample n`) and their time is scaled by lines.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from tabulate import tabulate


@dataclass(frozen=True)
class Run:
    """One measured run. scale: how many times larger the whole folder is than what was run. whole: it was of the folder."""

    tool: str
    wall_s: float
    cpu_s: float
    scale: float = 1.0
    whole: bool = True


def measured(tool: str, command: Sequence[str], env: dict[str, str] | None = None, scale: float = 1.0) -> Run:
    """Run a command to its end; findings (exit code 1) are none of our business, a failure ends the benchmark."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(
            f"{tool}: exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
        )
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(tool, wall, cpu, scale)


def parsed(files: Sequence[Path]) -> Run:
    """`ast.parse` of every file, one process."""
    start, cpu = time.perf_counter(), time.process_time()
    for file in files:
        ast.parse(file.read_bytes())
    return Run("ast.parse", time.perf_counter() - start, time.process_time() - cpu)


REPOSITORY = Path(__file__).resolve().parents[1]


def installed(folder: Path) -> Path:
    """A folder of this checkout's packages, as `pip install` puts them. Raises CalledProcessError when that fails."""
    packages = folder / "packages"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(packages)]
    subprocess.run([*pip, str(REPOSITORY)], check=True)
    return packages


def is_compiled(packages: Path) -> bool:
    """Whether the analysis in a folder of packages is compiled."""
    return any(True for pattern in ("*.so", "*.pyd") for _ in packages.glob(pattern))


def start(packages: Path | None = None) -> list[str]:
    """The start of a command of ours: of the checkout, or of the packages of a folder."""
    return [
        sys.executable,
        *(["-m", "breakcheck"] if packages is None else [str(packages / "bin" / "breakcheck")]),
    ]


def on_path(env: dict[str, str], *folders: Path) -> dict[str, str]:
    """An environment in which Python looks into these folders first."""
    path = os.pathsep.join([*map(str, folders), *filter(None, [env.get("PYTHONPATH")])])
    return {**env, "PYTHONPATH": path}


def breakcheck_command(begin: Sequence[str], folder: Path, jobs: int, *more: str) -> list[str]:
    return [
        *begin,
        "lint",
        str(folder),
        "--jobs",
        str(jobs),
        "--exit-zero",
        "--output-format",
        "json",
        *more,
    ]


def peak_memory_mb(command: Sequence[str], env: dict[str, str]) -> float:
    """Largest sum of a command's processes' memory, pages they share counted once; every 50 ms; 0 without psutil."""
    try:
        import psutil  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    root = psutil.Process(process.pid)
    peak = 0
    while process.poll() is None:
        try:
            family = [root, *root.children(recursive=True)]
            peak = max(peak, sum(proportional_bytes(one) for one in family))
        except psutil.Error:
            pass
        time.sleep(0.05)
    return peak / 2**20


def proportional_bytes(process: Any) -> int:
    """A process's resident memory, of shared pages its part (PSS); all of it where the system does not tell."""
    full = process.memory_full_info()
    return int(getattr(full, "pss", full.rss))


def machine() -> str:
    """What measured: the processor's kind, cores, and Python with its compiler and build."""
    python = f"Python {platform.python_version()} ({platform.python_compiler()}, built {platform.python_build()[1]})"
    return f"{platform.machine()}, {os.cpu_count()} cores, {python}"


def report(runs: Sequence[Run], lines: int, files: int, memory_mb: Sequence[float], compiled: bool) -> str:
    """The table as Markdown."""
    rows = []
    ruff = next((run.wall_s for run in runs if run.tool.startswith("ruff")), None)
    for run in runs:
        cpu = run.cpu_s * run.scale
        rows.append(
            [
                run.tool,
                f"{run.wall_s * run.scale:.2f}",
                f"{run.wall_s * run.scale / ruff:.1f}" if ruff and run.whole else "",
                f"{cpu:.2f}",
                f"{lines / cpu:,.0f}" if cpu and run.whole else "",
                "scaled" if run.scale > 1 else "",
            ]
        )
    table = tabulate(
        rows,
        headers=["tool", "wall s", "times ruff", "CPU s", "lines per CPU s", ""],
        tablefmt="github",
        disable_numparse=True,
    )
    load = os.getloadavg()[0]
    memory = ", sources ".join([f"{each:.0f} MB" for each in memory_mb])
    head = (
        f"{files:,} files, {lines:,} lines; {machine()}; load {load:.1f} at the end of the run; peak memory of all "
        f"processes, cold: {memory}; breakcheck as `pip install` puts it: {'compiled' if compiled else 'plain Python'}"
    )
    return f"{head}\n\n{table}\n"


def quickest(
    tool: str,
    command: Sequence[str],
    env: dict[str, str],
    times: int = 5,
    prepare: Callable[[], object] = lambda: None,
) -> Run:
    """The run of least wall time: what a command costs where nothing else runs. prepare: called before each run."""
    runs = []
    for _ in range(times):
        prepare()
        runs.append(measured(tool, command, env))
    return min(runs, key=lambda run: run.wall_s)


def from_the_shell(begin: Sequence[str], example: Path, env: dict[str, str]) -> list[Run]:
    """Start-up, and one file with findings: read anew, and known to the cache."""
    lint = [*begin, "lint", "--exit-zero", str(example)]
    length = example.read_bytes().count(b"\n")
    runs = [
        quickest("breakcheck --help", [*begin, "--help"], env),
        quickest(f"one file of {length} lines, read anew", [*lint, "--no-cache"], env),
        quickest(f"one file of {length} lines, cached", lint, env),
    ]
    return [replace(run, whole=False) for run in runs]


def peers(options: argparse.Namespace, files: Sequence[Path], total: int) -> list[Run]:
    """The slow peers, on a sample."""
    runs: list[Run] = []
    sample = list(files[:: options.sample])
    sampled = sum(file.read_bytes().count(b"\n") for file in sample)
    scale = total / max(sampled, 1)
    named: list[tuple[str, Path | None, Callable[[Path], list[str]]]] = [
        ("TorchFix", options.torchfix, lambda tool: [str(tool), "--select=ALL", "-j", "1"]),
        ("transformers-mlinter", options.mlinter, lambda tool: [str(tool), "--no-cache"]),
    ]
    for name, tool, command in named:
        if tool is not None:
            runs.append(measured(name, [*command(tool), *map(str, sample)], scale=scale))
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--ruff", default=shutil.which("ruff") or str(Path(sys.executable).with_name("ruff")))
    parser.add_argument("--torchfix", type=Path)
    parser.add_argument("--mlinter", type=Path)
    parser.add_argument("--example", type=Path, help="one file, timed from the shell")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    for path in (options.folder, options.torchfix, options.mlinter, options.example):
        if path is not None and not path.exists():
            parser.error(f"{path}: no such file or folder")
    files = sorted(options.folder.rglob("*.py"))
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ)
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool has its bytecode
        packages = installed(Path(folder))
        runs = [parsed(files)]
        if Path(options.ruff).exists():
            ruff = [options.ruff, "check", "--no-cache", "--exit-zero", str(options.folder)]
            runs.append(quickest("ruff check --no-cache", ruff, env, times=3))
        memory = []
        for label, begin, path in (
            ("", start(packages), (packages,)),
            ("sources: ", start(), (REPOSITORY, REPOSITORY / "rules")),
        ):
            cache = Path(folder, "cache")
            own = on_path({**env, "BREAKCHECK_CACHE_DIR": str(cache)}, *path)
            command = breakcheck_command(begin, options.folder, options.jobs)
            forget = partial(shutil.rmtree, cache, ignore_errors=True)
            runs.append(quickest(f"{label}breakcheck lint, cold", command, own, 3, forget))
            runs.append(quickest(f"{label}breakcheck lint, warm", command, own, 3))
            if options.example is not None:
                shell = from_the_shell(begin, options.example, own)
                runs += [replace(run, tool=f"{label}{run.tool}") for run in shell]
            memory.append(peak_memory_mb([*command, "--no-cache"], own))
        compiled = is_compiled(packages)
    runs += peers(options, files, lines)
    text = report(runs, lines, len(files), memory, compiled)
    print(text)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

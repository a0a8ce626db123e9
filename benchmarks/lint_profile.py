"""Where the time of the compiled linter goes: samples of its processes by stage, taken by Linux's `perf`.

    python benchmarks/lint_profile.py FOLDER [--jobs 2] [--rate 499] [--out FILE]

What `pip install` makes of the checkout is measured, its analysis compiled. A sample counts where the innermost function
that names a stage stands on its stack. `lint_stages.py` does the same for the sources, with clocks around Python's
functions, which compiled ones call each other without. The stacks of a large package take a gigabyte for a while.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from lint_speed import breakcheck_command, installed, is_compiled, machine, start
from tabulate import tabulate

# By the name of a C function, mypyc's or Python's: module, three underscores for its dot, class, method.
STAGES = {
    "builtin_compile": "parse (`ast.parse`)",
    "CPyDef_file_linter___FileLinter____fix": "fixes (libcst)",
    "CPyDef_file_linter___FileLinter_____call__": "rules",
    "CPyDef_interpreter___Interpreter___enter": "evaluation",
    "CPyDef_regions___roots_of_gen_____mypyc_generator_helper__": "roots and classes",
    "CPyDef_project___Project___load": "reading and outlines",
    "CPyDef_project___Project___load_unused": "reading and outlines",
    "CPyDef_project___Project____search": "reading and outlines",
    "CPyDef_rounds___complete": "rounds and answers of processes",
    "PyImport_ImportModuleLevelObject": "imports at the start",
    "do_exit": "ends of processes",
}
REST = "the rest: command line, cache, report"


def stacks(recorded: Path) -> Iterator[list[str]]:
    """The functions of each sample, the innermost first."""
    shown = subprocess.run(
        ["perf", "script", "-i", str(recorded), "--no-inline", "-F", "pid,ip,sym"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    for block in shown.stdout.split("\n\n"):
        lines = [line.split(None, 1) for line in block.strip().splitlines()[1:]]
        if lines:
            yield [line[1].partition("+0x")[0].strip() for line in lines if len(line) == 2]


def stage_of(stack: Sequence[str]) -> str:
    """The stage of a sample."""
    return next((STAGES[name] for name in stack if name in STAGES), REST)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rate", type=int, default=499, help="samples a second")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if shutil.which("perf") is None:
        raise SystemExit("Linux's perf is not installed (Debian: linux-perf)")
    with tempfile.TemporaryDirectory() as folder:
        packages = installed(Path(folder))
        if not is_compiled(packages):
            raise SystemExit("the analysis could not be compiled: `pip install -v .` says why")
        env = {**os.environ, "PYTHONPATH": str(packages), "BREAKCHECK_CACHE_DIR": str(Path(folder, "cache"))}
        command = breakcheck_command(start(packages), options.folder, options.jobs)
        subprocess.run([*start(packages), "--help"], env=env, stdout=subprocess.DEVNULL, check=True)
        recorded = Path(folder, "perf.data")
        record = ["perf", "record", "-q", "-o", str(recorded), "-e", "cpu-clock", "-F", str(options.rate)]
        done = subprocess.run(
            [*record, "--call-graph", "dwarf,49152", *command],
            env=env,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"perf record: exit code {done.returncode}")
        found = list(stacks(recorded))
    seconds, kernel = Counter(map(stage_of, found)), Counter[str]()
    kernel.update(stage_of(stack) for stack in found if "asm_exc_page_fault" in stack)
    rows = [
        [
            stage,
            f"{count / options.rate:.1f}",
            f"{count / len(found):.0%}",
            f"{kernel[stage] / options.rate:.1f}",
        ]
        for stage, count in seconds.most_common()
    ]
    rows.append(["all", f"{len(found) / options.rate:.1f}", "", f"{sum(kernel.values()) / options.rate:.1f}"])
    text = (
        f"{machine()}; `{Path(sys.argv[0]).name}` of {options.folder.name}, {options.rate} samples a second\n\n"
        + tabulate(
            rows,
            headers=["stage", "CPU s", "of all", "of these, page faults s"],
            tablefmt="github",
            disable_numparse=True,
        )
        + "\n"
    )
    print(text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

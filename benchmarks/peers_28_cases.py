"""A table of what finds the graph breaks of the 22 breaking and 6 clean programs: breakcheck and others' signals.

    python benchmarks/peers_28_cases.py            (pytest-torch is run where it is installed)

Writes benchmarks/results/peers_28_cases.md. torch-compile-check (github.com/HussainNizamani/torch-compile-check) is on no
package index; its graph oracle counts `torch._dynamo.explain(...).graph_break_count`, which the column `explain` is.
"""

from __future__ import annotations

import importlib.util
import logging
import platform
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from breakcheck import Case
from breakcheck.runtime import observe

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "runtime" / "breaking_cases.py"
OUT = ROOT / "benchmarks" / "results" / "peers_28_cases.md"
TRAINED = "print_in_custom_backward"  # breaks in its backward, which only some tools run


def load_cases() -> Any:
    """The module of the 28 programs."""
    spec = importlib.util.spec_from_file_location("breaking_cases", CASES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["breaking_cases"] = module
    spec.loader.exec_module(module)
    return module


def inputs(name: str) -> torch.Tensor:
    """The argument of a program."""
    x = torch.linspace(0.5, 1.0, 4).requires_grad_(name in (TRAINED, "backward_inside"))
    return x.reshape(1, 4) if name == "forward_hook_prints" else x


def by_breakcheck(name: str, model: Callable[..., Any]) -> str:
    """What breakcheck finds: the number of places, with their lines."""
    seen = observe(Case(model, calls=[(inputs(name),)], train=name == TRAINED))
    lines = sorted({site.line for site in seen.breaks})
    return f"found, line {', '.join(map(str, lines))}" if lines else "clean"


def by_pytest_torch(name: str, model: Callable[..., Any]) -> str:
    """What pytest-torch's `assert_no_graph_breaks` says."""
    from pytest_torch.compilation import assert_no_graph_breaks  # type: ignore[import-not-found]

    try:
        assert_no_graph_breaks(model, inputs(name))
    except AssertionError:
        return "found"
    return "clean"


def by_explain(name: str, model: Callable[..., Any]) -> str:
    """What `torch._dynamo.explain` counts."""
    torch._dynamo.reset()
    count = torch._dynamo.explain(model)(inputs(name)).graph_break_count
    return "found" if count > 0 else f"clean ({count})"


def by_fullgraph(name: str, model: Callable[..., Any]) -> str:
    """Whether `fullgraph=True` raises."""
    torch._dynamo.reset()
    try:
        torch.compile(model, fullgraph=True, backend="eager")(inputs(name))
    except Exception:
        return "found"
    return "clean"


def answers(name: str, make: Callable[[], Callable[..., Any]], tools: dict[str, Any]) -> list[str]:
    """A row of the table."""
    row = []
    for ask in tools.values():
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            try:
                row.append(ask(name, make()))
            except Exception as error:
                row.append(f"error: {type(error).__name__}")
    return row


def main() -> None:
    """Measure and write the table."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    cases = load_cases()
    tools: dict[str, Any] = {"breakcheck": by_breakcheck}
    try:
        tools[f"pytest-torch {version('pytest-torch')}"] = by_pytest_torch
    except PackageNotFoundError:
        print("pytest-torch is not installed: its column is left out", file=sys.stderr)
    tools |= {"explain (torch-compile-check)": by_explain, "fullgraph=True": by_fullgraph}
    breaking = {name: answers(name, make, tools) for name, make in cases.BREAKING.items()}
    clean = {name: answers(name, make, tools) for name, make in cases.CLEAN.items()}
    hits = [sum(row[i].startswith("found") for row in breaking.values()) for i in range(len(tools))]
    false = [sum(not row[i].startswith("clean") for row in clean.values()) for i in range(len(tools))]
    totals = [
        ["**breaks found**", *(f"**{hit} of {len(breaking)}**" for hit in hits)],
        ["**false alarms**", *(f"**{alarm} of {len(clean)}**" for alarm in false)],
    ]
    rows = [[name, *row] for name, row in [*breaking.items(), *clean.items()]]
    table = tabulate([*rows, *totals], headers=["program", *tools], tablefmt="github")
    head = f"torch {torch.__version__}, Python {platform.python_version()}, `python benchmarks/peers_28_cases.py`"
    note = (
        "The first 22 programs break, the last 6 do not. pytest-torch asserts `fullgraph=True`; torch-compile-check counts\n"
        "`torch._dynamo.explain`'s breaks (read from its source, not run: it is on no package index); the number in\n"
        "brackets is that count."
    )
    text = f"# Graph breaks of 28 programs: who finds them\n\n{head}\n\n{note}\n\n{table}\n"
    OUT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""A torch whose structured trace does not speak: counters and the first break are used, and the report says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from breakcheck import Case  # noqa: E402
from breakcheck.runtime import observe, trace  # noqa: E402
from breakcheck.runtime.observation import Signal  # noqa: E402

X = torch.ones(2)
TARGETS = """
import logging, torch
logging.getLogger("torch.__trace").disabled = True  # a program that silences torch altogether
def case_broken():
    def model(x):
        print("first")
        print("second")
        return x + 1
    return model, torch.ones(2)
def case_clean():
    return torch.nn.Linear(2, 2), torch.ones(2)
"""


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "_WORKS", [False])


def test_first_break_is_named_with_its_place_and_the_report_says_what_it_stands_on() -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        print("first")  # here
        print("second")
        return x + 1

    seen = observe(Case(model, calls=[(X,)]))
    (site,) = seen.breaks
    assert seen.signal is Signal.COUNTERS
    assert (site.gb_id, site.source) == ("GB0059", 'print("first")  # here')
    assert "first break only" in seen.notes[0]


def test_what_compiles_has_its_graphs_and_ops() -> None:
    seen = observe(Case(lambda x: (x * 2).relu(), calls=[(X,)]))
    assert (seen.breaks, len(seen.graphs), seen.op_count) == ((), 1, 2)


def test_the_command_passes_the_clean_fails_the_broken_and_gives_no_verdict_on_recompiles(
    tmp_path: Path,
) -> None:
    (tmp_path / "breakcheck_cases.py").write_text(TARGETS)
    command = [
        sys.executable,
        "-m",
        "breakcheck",
        "check",
        "--backend",
        "eager",
        "--only",
        "breaks,recompiles",
    ]
    done = subprocess.run(
        [*command, "--json", "o.json"], cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    broken, clean = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert done.returncode == 1
    assert broken["verdicts"]["graph_breaks"]["status"] == "fail"
    assert broken["verdicts"]["graph_breaks"]["sites"][0]["line"] == 6
    assert clean["verdicts"]["graph_breaks"]["status"] == "pass"
    assert clean["verdicts"]["graph_breaks"]["signal"] == "counters and error_on_graph_break"
    assert {r["verdicts"]["recompiles"]["status"] for r in (broken, clean)} == {"not_checked"}
    assert "structured trace reported no event" in done.stdout


def test_a_process_in_which_compiling_is_switched_off_says_nothing_of_the_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace, "_WORKS", [])
    torch.compiler.set_stance("force_eager")
    try:
        assert trace.self_test()
    finally:
        torch.compiler.set_stance("default")
    assert trace._WORKS == []
    assert trace.self_test()
    assert trace._WORKS == [True]

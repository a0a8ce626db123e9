"""Findings do not depend on how the work is shared out, nor on what an earlier run left."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from breakcheck.errors import BreakcheckError
from breakcheck.file_linter import FileLinter
from breakcheck.finding import Finding
from breakcheck.linter import lint
from breakcheck.options import Options
from breakcheck.result import FileReport
from breakcheck.semantic import workers
from breakcheck.semantic.engine import FileFacts, analyze

HELPERS = """
def size_of(x):
    return int(x.sum().item())


def scaled(x, by):
    return x * 2 if by > 1 else x
"""
CALLER = """
import torch
from torch import nn

from package.helpers{helper} import scaled, size_of


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = scaled(x, x.mean())
        return y.new_zeros(size_of(y)) + {number}
"""
CALLERS = 40


@pytest.fixture
def package(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    for name in ("a", "b"):
        (folder / f"helpers_{name}.py").write_text(HELPERS, encoding="utf-8")
    for number in range(CALLERS):
        helper = "_a" if number % 2 else "_b"
        text = CALLER.format(helper=helper, number=number)
        (folder / f"model{number}.py").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.py"))


def found(files: list[Path], options: Options) -> tuple[Finding, ...]:
    return lint(files, options).findings


def test_findings_are_the_same_for_any_number_of_jobs(package: list[Path]) -> None:
    options = Options(use_cache=False)
    alone = found(package, options)
    assert {finding.location.path.rpartition("/")[2] for finding in alone} == {"helpers_a.py", "helpers_b.py"}
    for jobs in (2, 8):
        assert found(package, replace(options, jobs=jobs)) == alone


def test_findings_after_a_change_are_those_of_a_run_from_nothing(
    package: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREAKCHECK_CACHE_DIR", str(tmp_path / "cache"))
    cold, options = Options(use_cache=False), Options()
    assert found(package, options) == found(package, options) == found(package, cold)
    helpers = next(path for path in package if path.name == "helpers_a.py")
    helpers.write_text(HELPERS.replace("by > 1", "by is None"), encoding="utf-8")
    changed = found(package, options)
    assert changed == found(package, cold)
    assert not any(f.code == "BC104" and f.location.path.endswith("helpers_a.py") for f in changed)
    for path in package:
        if path.name.startswith("model") and path.name != "model1.py":
            path.write_text("", encoding="utf-8")
    assert found(package, options) == found(package, cold)


def test_a_file_that_changes_while_it_is_analysed_is_analysed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREAKCHECK_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "model.py"
    file.write_text("before = 1\n", encoding="utf-8")

    def saved_meanwhile(facts: FileFacts) -> str:
        file.write_text("after = 12\n", encoding="utf-8")
        return facts.source_text

    def texts(visit: Callable[[FileFacts], str]) -> list[object]:
        analysed = analyze([file], visit=visit, merge=lambda known, more: known, salt="of this test")
        return list(analysed.answers.values())

    assert texts(saved_meanwhile) == ["before = 1\n"]
    assert texts(lambda facts: facts.source_text) == ["after = 12\n"]


def test_outcomes_of_another_shape_are_no_outcomes(
    package: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("BREAKCHECK_CACHE_DIR", str(folder))
    before = found(package, Options())
    (state,) = folder.glob("*.state")
    state.write_bytes(pickle.dumps([1, 2]))
    assert found(package, Options()) == before


def test_findings_are_the_same_where_processes_cannot_be_forked(
    package: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(use_cache=False)
    alone = found(package, options)
    monkeypatch.setattr(workers, "CAN_FORK", False)
    for jobs in (1, 2):
        assert found(package, replace(options, jobs=jobs)) == alone


@pytest.mark.parametrize("can_fork", [workers.CAN_FORK, False])
def test_a_killed_process_is_said_in_one_sentence(
    package: list[Path], monkeypatch: pytest.MonkeyPatch, can_fork: bool
) -> None:
    monkeypatch.setattr(workers, "CAN_FORK", can_fork)
    here, linted = os.getpid(), FileLinter.__call__

    def killed(self: FileLinter, facts: FileFacts) -> FileReport:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return linted(self, facts)

    monkeypatch.setattr(FileLinter, "__call__", killed)
    with pytest.raises(
        BreakcheckError, match=r"was killed.*, most likely for want of memory; `--jobs 1` needs the least"
    ):
        found(package, Options(use_cache=False, jobs=2))


MODES = """
def scaled(x, mode):
    if mode == "rare":
        return x * x.sum().item()
    if mode == "often" and x.sum() > 0:
        return x
    return x * 2
"""
OF_A_MODE = """
import torch
from torch import nn

from package.modes import scaled


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return scaled(x, "{mode}")
"""


def test_what_most_files_call_a_function_with_is_looked_at_before_and_after_a_change(
    package: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function is analysed for a few of the ways it is called; which ones does not hang on what ran before."""
    monkeypatch.setenv("BREAKCHECK_CACHE_DIR", str(tmp_path / "cache"))
    folder = package[0].parent
    (folder / "modes.py").write_text(MODES, encoding="utf-8")
    for number in range(40):
        mode = "often" if number % 2 else f"mode{number}"
        (folder / f"mode{number}.py").write_text(OF_A_MODE.format(mode=mode), encoding="utf-8")
    files = sorted(folder.glob("*mode*.py"))
    before = found(files, Options())
    assert ("BC104", 5) in {(f.code, f.location.line) for f in before}
    for number in (0, 1, 21):
        changed = folder / f"mode{number}.py"
        changed.write_text(changed.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
        assert found(files, Options()) == found(files, Options(use_cache=False)) == before


RARE = """
def scaled(x, mode):
    if mode == "rare":
        x = x + x.sum().item()
    return x * 2
"""


@pytest.mark.parametrize("before", [0, 4, 5])
def test_a_call_is_told_to_its_file_although_what_it_returns_is_settled(tmp_path: Path, before: int) -> None:
    """After some calls that agree no more is asked of a function elsewhere; its own file hears of the others too."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "modes.py").write_text(RARE, encoding="utf-8")
    for number in range(before + 1):
        mode = "rare" if number == before else f"mode{number}"
        (folder / f"a{number}.py").write_text(OF_A_MODE.format(mode=mode), encoding="utf-8")
    findings = found(sorted(folder.glob("*.py")), Options(use_cache=False))
    assert ("BC101", 4) in {(f.code, f.location.line) for f in findings}


def test_what_a_file_of_another_root_does_is_known_in_every_file(tmp_path: Path) -> None:
    """`src/` and `tests/` are roots of their own: no file of the one need be read before one of the other."""
    package, tests = tmp_path / "src" / "package", tmp_path / "tests"
    package.mkdir(parents=True)
    tests.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "modes.py").write_text(MODES, encoding="utf-8")
    for number in range(CALLERS):
        (tests / f"test_{number:02}.py").write_text(
            OF_A_MODE.format(mode="any").replace("return scaled", "y = scaled")
            + "        return x if y.sum() > 0 else y\n",
            encoding="utf-8",
        )
    files = sorted(tmp_path.rglob("*.py"))
    hit = {f.location.path for f in found(files, Options(use_cache=False)) if "tests" in f.location.path}
    assert len(hit) == CALLERS


def _lint_here(files: list[Path]) -> int:
    return len(found(files, Options(use_cache=False)))


def test_a_process_that_may_start_none_analyses_alone(package: list[Path]) -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_lint_here, (package,)) == _lint_here(package)


def _answer(chunk: int) -> bytes:
    if chunk == 1:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    if chunk == 2:
        return bytes(1 << 20)  # more than a pipe holds: it waits to be read
    return b""


@pytest.mark.skipif(not workers.CAN_FORK, reason="processes cannot be forked here")
def test_a_killed_process_leaves_no_other_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(connections: list[Connection]) -> list[Connection]:
        time.sleep(0.5)
        return sorted((c for c in connections if c.poll()), key=lambda c: c.fileno())

    monkeypatch.setattr(workers, "wait", late)
    running = workers.Workers[int, bytes](3, lambda: None)
    with pytest.raises(workers.WorkerDied):
        running.map(_answer, [1, 2, 2], lambda: None, 0)
    assert not multiprocessing.active_children()


SHARED = """
def kept(value, how):
    return value
"""
ASKS = """
import torch
from torch import nn

from package.shared import kept


class Model(nn.Module):
    def forward(self, {name}: {annotation}, y: torch.Tensor) -> torch.Tensor:
        if kept({name}, "{how}"):
            y = y + 1
        return y
"""


def test_what_a_file_is_told_of_another_depends_on_no_file_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "shared.py").write_text(SHARED, encoding="utf-8")
    for number in range(12):
        text = ASKS.format(name=f"x{number}", annotation="torch.Tensor", how=f"way {number % 6}")
        (folder / f"model{number:02}.py").write_text(text, encoding="utf-8")
    (folder / "unlike.py").write_text(
        ASKS.format(name="n", annotation="str", how="another"), encoding="utf-8"
    )
    files = sorted(folder.glob("*.py"))
    together = found(files, Options(use_cache=False))
    alone = [finding for file in files for finding in found([file], Options(use_cache=False))]
    assert [finding.location.path.rpartition("/")[2] for finding in together] == [
        f"model{number:02}.py" for number in range(12)
    ]
    assert sorted(map(repr, together)) == sorted(map(repr, alone))
    for number, finding in enumerate(together):
        assert f"parameter `x{number}` annotated" in finding.notes[0].message

"""Findings do not depend on how the work is shared out, nor on what an earlier run left."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from breakcheck.errors import BreakcheckError
from breakcheck.file_linter import FileLinter, Options
from breakcheck.finding import Finding
from breakcheck.linter import lint
from breakcheck.semantic import workers

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


def test_findings_are_the_same_where_processes_cannot_be_forked(
    package: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(use_cache=False)
    alone = found(package, options)
    monkeypatch.setattr(workers, "CAN_FORK", False)
    assert found(package, replace(options, jobs=2)) == alone


@pytest.mark.parametrize("can_fork", [workers.CAN_FORK, False])
def test_a_killed_process_is_said_in_one_sentence(
    package: list[Path], monkeypatch: pytest.MonkeyPatch, can_fork: bool
) -> None:
    monkeypatch.setattr(workers, "CAN_FORK", can_fork)
    monkeypatch.setattr(FileLinter, "__call__", lambda self, facts: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(
        BreakcheckError, match=r"was killed.*, most likely for want of memory; `--jobs 1` needs the least"
    ):
        found(package, Options(use_cache=False, jobs=2))

"""`lint --fix --verify TARGET`: an edit stays only if its break is gone and the outputs are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakcheck.cli import run

MODEL = """\
import torch
from torch import nn

from breakcheck import Case


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.proj(x)
        print("shape", y.shape)
        return y


class Unused(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        print("never run")
        return x


def case() -> Case:
    return Case(Model(), calls=[(torch.ones(2, 4),)])
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREAKCHECK_CACHE_DIR", str(tmp_path / ".cache"))
    path = tmp_path / "model.py"
    path.write_text(MODEL, encoding="utf-8")
    return path


def test_a_confirmed_fix_stays_and_one_the_target_does_not_reach_is_not_applied(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["lint", "--fix", "--unsafe-fixes", "--select", "BC301", "--verify", "model.py:case", "model.py"])
    said = capsys.readouterr().err
    assert "Fixed 1 problem in 1 file, verified by the target." in said
    assert "model.py:20: BC301" in said
    assert "the target does not break there" in said
    text = model.read_text(encoding="utf-8")
    assert text != MODEL
    assert text.count("is_compiling()") == 1


def test_an_edit_that_changes_the_numbers_is_taken_back(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The break's own remedy is made wrong: under the target the edited file computes something else.
    from breakcheck import verify

    honest = verify.apply_edits

    def wrong(source: str, fixes: object) -> tuple[str, int]:
        text, applied = honest(source, fixes)  # type: ignore[arg-type]
        return text.replace("return y\n", "return y + 1\n", 1), applied

    monkeypatch.setattr(verify, "apply_edits", wrong)
    run(["lint", "--fix", "--unsafe-fixes", "--select", "BC301", "--verify", "model.py:case", "model.py"])
    assert "taken back: output 0" in capsys.readouterr().err
    assert model.read_text(encoding="utf-8") == MODEL


def test_a_target_that_does_not_run_leaves_every_file_as_it_was(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["lint", "--fix", "--unsafe-fixes", "--verify", "model.py:missing", "model.py"])
    assert code == 2
    assert "--verify model.py:missing: it does not run as it is" in capsys.readouterr().err
    assert model.read_text(encoding="utf-8") == MODEL


def test_verify_without_a_fix_is_refused(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--verify", "model.py:case", "model.py"]) == 2
    assert "--verify goes with --fix or --diff" in capsys.readouterr().err

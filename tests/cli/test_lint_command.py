"""`breakcheck lint` as its users see it: findings, exit codes, one line for each mistake."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from breakcheck.cli import run

BAD = """\
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        peak = x.abs().max().item()
        return x / peak
"""

CLEAN = BAD.replace(".item()", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREAKCHECK_CACHE_DIR", str(tmp_path / ".cache"))
    return tmp_path


def lint_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(["lint", "--output-format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_a_clean_file_exits_zero(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(CLEAN, encoding="utf-8")
    code, document = lint_json(capsys, "model.py")
    assert code == 0
    assert document["findings"] == []
    assert document["files"] == 1


def test_a_second_run_recalls_the_first_whatever_is_written_beside_the_sources(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m breakcheck lint > findings.txt` has the working folder in its path, and writes into it."""
    monkeypatch.syspath_prepend(str(folder))
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    first = lint_json(capsys, "model.py")
    (folder / "findings.txt").write_text("", encoding="utf-8")
    monkeypatch.setattr("breakcheck.linter.analyze", None)
    assert lint_json(capsys, "model.py") == first
    (folder / "model.py").write_text(BAD + "# another\n", encoding="utf-8")
    assert run(["lint", "model.py"]) == 2  # asks for the analysis, which is not there


def test_a_link_that_leads_to_another_file_is_read_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.py").write_text(BAD, encoding="utf-8")
    (folder / "clean.py").write_text(CLEAN, encoding="utf-8")
    link = folder / "model.py"
    link.symlink_to("bad.py")
    assert lint_json(capsys, "model.py")[0] == 1
    link.unlink()
    link.symlink_to("clean.py")
    assert lint_json(capsys, "model.py")[0] == 0


def test_a_finding_exits_one_and_says_where(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    code, document = lint_json(capsys, "--target-torch", "2.13", "model.py")
    assert code == 1
    assert document["version"] == 1
    assert document["target_torch"] == "2.13"
    (finding,) = document["findings"]
    assert finding["code"] == "BC101"
    assert finding["name"] == "tensor-item"
    assert (finding["path"], finding["line"], finding["end_line"]) == ("model.py", 7, 7)
    assert (finding["column"], finding["end_column"]) == (16, 36)
    assert finding["symbol"] == "model:Scale.forward"
    assert finding["confidence"] == "certain"
    assert "graph-break" in finding["effects"]


def test_columns_count_characters_not_bytes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "        peak = (x if 'é→𝛼' else x).max().item()"
    (folder / "model.py").write_text(
        BAD.replace("        peak = x.abs().max().item()", line), encoding="utf-8"
    )
    _code, document = lint_json(capsys, "model.py")
    (finding,) = document["findings"]
    assert (finding["column"], finding["end_column"]) == (16, len(line) + 1)


def test_exit_zero_turns_only_findings_into_success(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    assert run(["lint", "--exit-zero", "model.py"]) == 0
    assert run(["lint", "--exit-zero", "model.py", "missing.py"]) == 2


def test_a_comment_silences_a_finding_and_is_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = BAD.replace(".item()", ".item()  # breakcheck: ignore[BC101] once a step")
    (folder / "model.py").write_text(text, encoding="utf-8")
    code, document = lint_json(capsys, "model.py")
    assert code == 0
    assert document["suppressed"] == 1


def test_select_and_ignore_choose_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    assert run(["lint", "--ignore", "BC101", "model.py"]) == 0
    assert run(["lint", "--select", "tensor-item", "model.py"]) == 1
    assert run(["lint", "--select", "BC3", "model.py"]) == 0


def test_standard_input_is_linted_under_its_name(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    code, document = lint_json(capsys, "--stdin-filename", "src/model.py", "-")
    assert code == 1
    assert document["findings"][0]["path"] == "src/model.py"


def test_standard_input_is_decoded_as_it_declares(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for head, code in ((b"# coding: latin-1\n# \xe9\n", 1), (b"# \xe9\n", 2), (b"# coding: klingon\n", 2)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(head + BAD.encode())))
        assert run(["lint", "-"]) == code
        assert len(capsys.readouterr().err.splitlines()) == (code == 2)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_links_that_lead_nowhere_and_pipes_are_passed_over(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    (folder / "loop.py").symlink_to("loop.py")
    (folder / "lock.py").symlink_to("nobody@nowhere")
    (folder / "again").symlink_to(folder)
    os.mkfifo(folder / "pipe.py")
    code, document = lint_json(capsys, ".")
    assert (code, document["files"], document["errors"]) == (1, 1, [])


def test_a_folder_without_python_files_is_said_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "notes.txt").write_text("hello", encoding="utf-8")
    assert run(["lint", "docs"]) == 0
    assert capsys.readouterr().err == "breakcheck: warning: no Python files found\n"


def test_a_fix_that_would_break_a_file_leaves_it_and_the_others_are_fixed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from breakcheck import fixer

    honest = fixer.apply_edits

    def wrong(source: str, fixes: object) -> tuple[str, int]:
        text, applied = honest(source, fixes)  # type: ignore[arg-type]
        return (text + "def f(:\n" if "# unlucky" in source else text), applied

    monkeypatch.setattr(fixer, "apply_edits", wrong)
    printing = "import torch\nclass M(torch.nn.Module):\n    def forward(self, x):\n        print(x)\n"
    (folder / "a.py").write_text(printing + "# unlucky\n", encoding="utf-8")
    (folder / "b.py").write_text(printing, encoding="utf-8")
    assert run(["lint", "--fix", "--select", "BC301", "a.py", "b.py"]) == 2
    assert "a.py:7: a fix would leave a syntax error here; the file was not fixed" in capsys.readouterr().err
    assert (folder / "a.py").read_text(encoding="utf-8") == printing + "# unlucky\n"
    assert "is_compiling()" in (folder / "b.py").read_text(encoding="utf-8")


def test_other_files_are_done_when_one_is_broken(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (folder / "encoded.py").write_bytes(b"# -*- coding: klingon -*-\nx = 1\n")
    (folder / "latin.py").write_bytes(b"x = '\xe9'\n")
    (folder / "null.py").write_bytes(b"x = 1\0\n")
    (folder / "notes.txt").write_text("hello", encoding="utf-8")
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    names = ["broken.py", "encoded.py", "latin.py", "null.py", "notes.txt", "gone.py", "model.py"]
    before = {name: (folder / name).read_bytes() for name in names if name != "gone.py"}
    code = run(["lint", "--output-format", "json", "--fix", *names])
    captured = capsys.readouterr()
    assert code == 2
    assert [finding["path"] for finding in json.loads(captured.out)["findings"]] == ["model.py"]
    complaints = captured.err.strip().splitlines()
    assert sorted(line.split(":")[2].strip() for line in complaints) == sorted(set(names) - {"model.py"})
    assert all(line.startswith("breakcheck: error: ") for line in complaints)
    for name in ("broken.py", "encoded.py", "latin.py", "null.py", "notes.txt"):
        assert (folder / name).read_bytes() == before[name]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--select", "BC999"], "no rule 'BC999'"),
        (["--target-torch", "1.0"], "torch 1.0 is not a release breakcheck knows"),
        (["--with", "einops"], "write NAME==VERSION"),
        (["--update-baseline"], "--update-baseline needs --baseline FILE"),
        (["--baseline", "gone.json"], "no such baseline"),
        (["--output-format", "yaml"], "'yaml' is not one of"),
        (["--frobnicate"], "No such option"),
        (["--jobs", "0"], "0 is not in the range"),
    ],
)
def test_a_mistake_is_one_line_and_exit_two(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    assert run(["lint", *arguments, "model.py"]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""


def test_an_unknown_key_in_the_configuration_is_exit_two(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text("[tool.breakcheck]\nselct = []\n", encoding="utf-8")
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    assert run(["lint", "model.py"]) == 2
    assert "unknown key tool.breakcheck.selct" in capsys.readouterr().err


def test_excluded_and_hidden_folders_are_not_walked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (".venv", "build", "vendored", "src"):
        (folder / name).mkdir()
        (folder / name / "model.py").write_text(BAD, encoding="utf-8")
    code, document = lint_json(capsys, "--exclude", "vendored/", ".")
    assert code == 1
    assert [finding["path"] for finding in document["findings"]] == ["src/model.py"]


def test_a_folder_named_outright_is_walked_though_it_lies_in_an_excluded_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = folder / ".venv" / "package"
    for name in ("", "build"):
        (package / name).mkdir(parents=True)
        (package / name / "model.py").write_text(BAD, encoding="utf-8")
    code, document = lint_json(capsys, ".venv/package")
    assert code == 1
    assert [finding["path"] for finding in document["findings"]] == [".venv/package/model.py"]


def test_a_baseline_hides_what_is_known_and_reports_what_is_new(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = folder / "model.py"
    model.write_text(BAD, encoding="utf-8")
    assert run(["lint", "--baseline", "known.json", "--update-baseline", "model.py"]) == 0
    assert run(["lint", "--baseline", "known.json", "model.py"]) == 0
    model.write_text("# moved down\n\n" + BAD, encoding="utf-8")
    assert run(["lint", "--baseline", "known.json", "model.py"]) == 0
    model.write_text(BAD.replace("return x / peak", "return x / x.sum().item()"), encoding="utf-8")
    capsys.readouterr()
    code, document = lint_json(capsys, "--baseline", "known.json", "model.py")
    assert code == 1
    assert [finding["line"] for finding in document["findings"]] == [8]
    model.write_text(CLEAN, encoding="utf-8")
    code, document = lint_json(capsys, "--baseline", "known.json", "model.py")
    assert (code, document["unused_baseline"]) == (0, 1)


def test_a_baseline_that_is_none_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    (folder / "known.json").write_text("[]", encoding="utf-8")
    assert run(["lint", "--baseline", "known.json", "model.py"]) == 2
    assert "not a baseline file" in capsys.readouterr().err


def test_nothing_that_is_linted_is_imported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text("open('ran', 'w')\n" + BAD, encoding="utf-8")
    assert run(["lint", "model.py"]) == 1
    assert not (folder / "ran").exists()


def test_a_closed_pipe_is_no_crash(folder: Path) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    command = f"{sys.executable} -m breakcheck lint model.py | head -c 1"
    done = subprocess.run(command, shell=True, cwd=folder, env=os.environ, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


def test_no_colour_without_a_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    run(["lint", "model.py"])
    assert "\x1b" not in capsys.readouterr().out


def test_full_output_shows_the_source_the_reason_and_the_remedy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    run(["lint", "--target-torch", "2.13", "model.py"])
    out = capsys.readouterr().out
    assert out.startswith("model.py:7:16: BC101 ")
    assert "7 |         peak = x.abs().max().item()" in out
    assert "= help: " in out
    assert "Found 1 problem in 1 file (torch 2.13, from --target-torch)." in out


def test_statistics_count_by_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(BAD, encoding="utf-8")
    assert run(["lint", "--statistics", "model.py"]) == 1
    assert "1  BC101   tensor-item" in capsys.readouterr().out


def test_a_rule_that_crashes_costs_one_file_and_exit_two(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = folder / "rules" / "crashing"
    rule.mkdir(parents=True)
    (rule / "rule.py").write_text(
        '"""Crashes on one file."""\n'
        "import ast\n"
        "from breakcheck.rule import Effect, Rule, Severity\n"
        'RULE = Rule(code="XX1", name="crashing", summary="crashes", severity=Severity.INFO,\n'
        '            effects=(Effect.GRAPH_BREAK,), versions="", nodes=(ast.Return,))\n'
        "def match(node, facts):\n"
        '    if facts.path.endswith("second.py"):\n'
        "        raise IndexError('no such thing')\n"
        "    yield from ()\n",
        encoding="utf-8",
    )
    (folder / "pyproject.toml").write_text(
        '[tool.breakcheck]\nrule-paths = ["rules/crashing"]\n', encoding="utf-8"
    )
    for name in ("first.py", "second.py", "third.py"):
        (folder / name).write_text(BAD, encoding="utf-8")
    code = run(["lint", "--no-cache", "--output-format", "json", "first.py", "second.py", "third.py"])
    captured = capsys.readouterr()
    assert code == 2
    assert [finding["path"] for finding in json.loads(captured.out)["findings"]] == ["first.py", "third.py"]
    (line,) = captured.err.strip().splitlines()
    assert "second.py:1: internal error, please report it: IndexError at crashing/rule.py:" in line

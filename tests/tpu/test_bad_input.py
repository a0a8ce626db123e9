"""What goes wrong with a TPU target is one clear line each, and the other targets go on; needs no environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from breakcheck import environments
from breakcheck.commands.check import command as check
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import tpu_aot
from breakcheck.runtime.devices.subprocesses import run_worker
from breakcheck.runtime.report_data import Report, Status, Verdict
from breakcheck.runtime.scenario import Scenario


def _one_line(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    return text


def test_setup_without_a_network_gives_pips_own_error_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_network(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        failed = int("install" in command)
        stderr = "WARNING: Retrying after connection broken\nERROR: No matching distribution found for torch==2.13.0\n"
        return subprocess.CompletedProcess(command, failed, "", stderr)

    monkeypatch.setenv(environments.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(subprocess, "run", no_network)
    said: list[str] = []
    with pytest.raises(BreakcheckError) as caught:
        environments.make("xla", None, said.append)
    assert _one_line(caught.value) == (
        "setup xla: pip failed: ERROR: No matching distribution found for torch==2.13.0 (is there a network?)"
    )
    assert not environments.is_ready("xla")  # what was half made is not taken for an environment


def test_an_index_that_does_not_answer_leaves_pip_to_its_own_configuration() -> None:
    assert environments.reachable_index("http://127.0.0.1:9", timeout_s=2.0) is None


def test_setup_names_what_it_downloads_before_it_does() -> None:
    plan = environments.plan("xla", None)
    for requirement in environments.recipe_of("xla").requirements:
        assert f"  {requirement}\n" in plan
    assert "on disk" in plan


def test_a_worker_that_aborts_is_told_with_what_it_had_done_so_far(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        "import os, sys, pathlib\n"
        "pathlib.Path(sys.argv[2]).write_text('{\"programs\": [1]}')\n"
        'print("F0000 check.cc:1] Check failed: chips == 8", file=sys.stderr, flush=True)\n'
        "os.abort()\n"
    )
    answer = run_worker(sys.executable, str(script), {}, 60.0, {})
    assert answer.report == {"programs": [1]}
    assert answer.ended == (
        "the native library aborted (SIGABRT): F0000 check.cc:1] Check failed: chips == 8"
    )
    assert signal.SIGABRT == 6


def test_a_worker_that_never_ends_is_stopped(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text("import time\ntime.sleep(600)\n")
    answer = run_worker(sys.executable, str(script), {}, 1.0, {})
    assert answer.ended == "stopped after the time limit of 1 s"


def test_an_environment_that_is_damaged_is_one_line(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text("import no_such_jax\n")
    answer = run_worker(sys.executable, str(script), {}, 60.0, dict(os.environ))
    assert answer.ended == "the worker exited with 1: ModuleNotFoundError: No module named 'no_such_jax'"


def test_an_aborted_compilation_keeps_the_verdicts_of_the_programs_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from breakcheck.runtime.devices import subprocesses

    ended = "the native library aborted (SIGABRT): no message"
    answer = subprocesses.Answer({"programs": [], "notes": []}, ended)
    monkeypatch.setattr(environments, "python_of", lambda name: Path(sys.executable))
    monkeypatch.setattr(tpu_aot, "run_worker", lambda *_: answer)
    report = tpu_aot.check(Scenario("llama2-7b", device="tpu:v5e:1x1"))
    assert report.failure is not None
    assert report.failure.message == ended


def test_a_target_that_fails_is_a_line_and_the_next_target_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_fails(scenario: Scenario) -> Report:
        if scenario.target == "llama2-70b":
            raise BreakcheckError("8 ranks must divide 4 heads")
        return Report(scenario.target, {"memory": Verdict(Status.PASS, "fits: peak 13.56 GiB")})

    monkeypatch.setattr(tpu_aot, "check", one_fails)
    result = CliRunner().invoke(
        check, ["llama2-70b", "llama2-7b", "--device", "tpu:v5e:1x1"], standalone_mode=False
    )
    assert result.return_value == 2
    assert "fits: peak 13.56 GiB" in result.stdout
    errors = [line for line in result.stderr.splitlines() if line.startswith("breakcheck: error:")]
    assert len(errors) == 1
    assert "llama2-70b" in errors[0]
    assert "8 ranks must divide 4 heads" in errors[0]

"""The README is true: every command in it runs and exits as it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
RUNNABLE = re.compile(r"<!-- run: exit (?P<code>\d) -->\n```sh\n(?P<commands>.*?)```", re.DOTALL)
NAMED = re.compile(r"<!-- command: (?P<name>\w+) -->\n```sh\n(?P<command>[^\n]*)\n```")

DEVICE = re.compile(r"<!-- needs: (?P<name>tpu|torch-tpu|xla) -->\n```sh\n(?P<command>[^\n]*)\n```")


def runnable() -> list[tuple[int, str]]:
    return [
        (int(match["code"]), command)
        for match in RUNNABLE.finditer(README)
        for command in match["commands"].strip().splitlines()
    ]


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


def test_every_shell_block_is_marked_so_that_a_test_runs_it() -> None:
    marked = (
        len(RUNNABLE.findall(README))
        + len(NAMED.findall(README))
        + README.count("<!-- slow command -->")
        + README.count("<!-- compile command -->")
        + len(DEVICE.findall(README))
    )
    assert README.count("```sh\n") == marked


def test_both_commands_are_one_line_and_pass_the_constraints() -> None:
    commands = {match["name"]: match["command"] for match in NAMED.finditer(README)}
    assert set(commands) == {"demo", "tests"}
    for command in commands.values():
        assert command.startswith("python3 -m venv .venv && ")
        assert "-c constraints/cpu.txt" in command
        assert "index-url" not in command


def test_ci_runs_the_readmes_test_command_as_it_stands(tmp_path: Path) -> None:
    # The script is run with a shell whose `eval` only prints, so that what it would run can be seen.
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").replace("eval ", "echo ")
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text(script, encoding="utf-8")
    shutil.copy(REPOSITORY / "README.md", tmp_path)
    done = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True, check=True)
    (command,) = [match["command"] for match in NAMED.finditer(README) if match["name"] == "tests"]
    assert done.stdout.splitlines()[-1] == command


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the commands name: `--verify` edits files while it runs, which other tests read."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("rules", "reference_models"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(("code", "command"), runnable(), ids=[command for _code, command in runnable()])
def test_a_command_of_the_readme_exits_as_it_says(code: int, command: str, checkout: Path) -> None:
    done = subprocess.run(
        command, shell=True, cwd=checkout, env=environment(), capture_output=True, text=True, timeout=500
    )
    assert done.returncode == code, done.stdout[-2000:] + done.stderr[-2000:]


def block(language: str) -> str:
    """The one block of the README in a language."""
    (text,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return text


def test_the_settings_of_the_readme_are_accepted(tmp_path: Path) -> None:
    from breakcheck.config import load_config

    (tmp_path / "pyproject.toml").write_text(block("toml"), encoding="utf-8")
    config = load_config(tmp_path)
    assert (config.target_torch, config.baseline) == ("2.13", "breakcheck-baseline.json")


AROUND = """\
import breakcheck
import pytest
import torch

model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.ReLU())
a = b = c = (torch.ones(4, 8),)
x = torch.ones(4, 8)
model_for_a_test = pytest.fixture(name="model")(lambda: torch.nn.Linear(8, 8))
batch = pytest.fixture(name="batch")(lambda: torch.ones(4, 8))


"""


def test_the_tests_of_the_readme_pass(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    # The last example is a fragment of a test; how fast this machine is, is no claim of the README.
    tests, fragment = block("python").replace("r<=0.9", "r<=100").split("\n\n\nwith ")
    fragment = "with " + fragment.replace("\n    ", "\n        ")
    body = f"{tests}\n\n\ndef test_fragment():\n    {fragment}"
    (tmp_path / "test_readme_block.py").write_text(AROUND + body, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_readme_block.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=500
    )
    assert "3 passed" in done.stdout, done.stdout[-3000:] + done.stderr[-1000:]


SLOW = re.compile(r"<!-- slow command -->\n```sh\n(?P<commands>.*?)```", re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [line for match in SLOW.finditer(README) for line in match["commands"].strip().splitlines()]
)
def test_a_slow_command_of_the_readme_succeeds(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=1800
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_the_demo_command_sets_up_everything_from_nothing(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
    (command,) = [match["command"] for match in NAMED.finditer(README) if match["name"] == "demo"]
    done = subprocess.run(command, shell=True, cwd=clone, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("name", "command"),
    [
        pytest.param(
            match["name"],
            match["command"],
            marks=getattr(pytest.mark, match["name"].removeprefix("torch-")),
            id=match["command"],
        )
        for match in DEVICE.finditer(README)
    ],
)
def test_a_command_for_a_device_environment_succeeds(name: str, command: str) -> None:
    from breakcheck import environments

    if not environments.is_ready(name):
        pytest.skip(f"no {name} environment: breakcheck setup {name}")
    done = subprocess.run(
        command, shell=True, cwd=REPOSITORY, env=environment(), capture_output=True, text=True, timeout=1800
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_each_device_environment_has_a_test_command_and_wherever_a_tpu_is_named_nothing_is_executed() -> None:
    commands = {match["command"] for match in DEVICE.finditer(README)}
    assert {"pytest -m tpu tests/tpu", "pytest -m xla tests/tpu"} <= commands
    for path in ("README.md", "docs/tpu.md", "CHANGELOG.md", "benchmarks/README.md"):
        text = " ".join((REPOSITORY / path).read_text(encoding="utf-8").split())
        if "TPU" in text or "tpu:" in text:
            assert "compile-verified, not executed" in text, path

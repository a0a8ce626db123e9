"""The analysis compiled with mypyc says what the sources say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"<!-- compile command -->\n```sh\n(?P<command>.*?)\n```", re.DOTALL)
MODEL = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * x.sum().item()


class Deep(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return {deep}
"""


def linted(paths: list[str], packages: Path, folder: Path) -> tuple[int, str]:
    """What `lint` says, and exits with, of some files, with the packages of a folder first on the path."""
    script = folder / "main.py"
    script.write_text("from breakcheck.__main__ import main\n\nmain()\n", encoding="utf-8")
    command = [
        *(sys.executable, str(script), "lint", "--no-cache", "--exit-zero"),
        *("--output-format", "json", *paths),
    ]
    env = {**os.environ, "PYTHONPATH": str(packages)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout or done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unpacked wheel, built by the README's command from the checkout as it stands."""
    clone = tmp_path_factory.mktemp("compiled") / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (REPOSITORY / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, clone / name)
    (match,) = COMMAND.finditer(README)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path}
    done = subprocess.run(
        match["command"], shell=True, cwd=clone, env=env, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert not [*clone.rglob("*.so"), *clone.rglob("*.pyd")]  # nothing compiled is left among the sources
    assert len([*(clone / "dist").iterdir()]) == 3  # with the sources and a plain wheel
    (made,) = (clone / "dist").glob("*-cp3*.whl")
    with zipfile.ZipFile(made) as archive:
        archive.extractall(clone / "unpacked")
    return clone / "unpacked"


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_compiled_wheel_finds_what_the_sources_find(wheel: Path, tmp_path: Path) -> None:
    code = "import breakcheck.semantic.frame as frame; print(frame.__file__)"
    env = {**os.environ, "PYTHONPATH": str(wheel)}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip().startswith(str(wheel))
    assert Path(shown.stdout.strip()).suffix in (".so", ".pyd")
    paths = [str(REPOSITORY / "reference_models"), str(REPOSITORY / "rules")]
    code, found = linted(paths, REPOSITORY, tmp_path)
    assert code == 0
    assert len(json.loads(found)["findings"]) > 100
    assert linted(paths, wheel, tmp_path) == (code, found)


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("depth", [1_000, 10_000, 60_000])
def test_an_expression_of_any_depth_ends_no_run_of_a_compiled_wheel(
    wheel: Path, tmp_path: Path, depth: int
) -> None:
    path = tmp_path / "model.py"
    path.write_text(MODEL.format(deep=" + ".join(["x"] * depth)), encoding="utf-8")
    assert linted([str(path)], wheel, tmp_path) == linted([str(path)], REPOSITORY, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_a_c_compiler_the_wheel_is_plain_unless_told_otherwise(tmp_path: Path) -> None:
    env = {**os.environ, "CC": str(tmp_path / "no-compiler"), "BREAKCHECK_COMPILE": ""}
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(REPOSITORY),
    ]
    subprocess.run(command, env=env, capture_output=True, check=True)
    (made,) = tmp_path.glob("*.whl")
    assert made.name.endswith("-py3-none-any.whl")
    for wish, said in (("1", "no-compiler"), ("yes", "BREAKCHECK_COMPILE is 'yes': set it to 1")):
        done = subprocess.run(
            command, env={**env, "BREAKCHECK_COMPILE": wish}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert said in done.stdout + done.stderr

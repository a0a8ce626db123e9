"""The pre-commit hook, installed from this checkout by pre-commit itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

HOSTILE = """\
import torch


class M(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / x.max().item()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("project")
    home = tmp_path_factory.mktemp("pre-commit-home")
    # pre-commit passes git's variables on to hooks; those of an outer hook must not reach the inner repository.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment = {**inherited, "PRE_COMMIT_HOME": str(home), "BREAKCHECK_COMPILE": "0"}
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    (folder / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    (folder / "clean.py").write_text(HOSTILE.replace(".item()", ""), encoding="utf-8")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder, environment


def try_repo(project: tuple[Path, dict[str, str]], name: str) -> subprocess.CompletedProcess[str]:
    folder, environment = project
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(REPOSITORY), "breakcheck", "--files", name]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=500)


def test_the_hook_blocks_a_hostile_file(project: tuple[Path, dict[str, str]]) -> None:
    blocked = try_repo(project, "hostile.py")
    assert blocked.returncode == 1, blocked.stdout + blocked.stderr
    assert "hostile.py:6:20: BC101" in blocked.stdout


def test_a_clean_commit_passes_and_the_hooks_environment_holds_no_torch(
    project: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = project
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    config = f"repos: [{{repo: '{REPOSITORY}', rev: {head.stdout.strip()}, hooks: [{{id: breakcheck}}]}}]\n"
    (folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "pre_commit", "run", "--files", "clean.py"]
    passed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=500)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    installed = [path.name for path in Path(environment["PRE_COMMIT_HOME"]).glob("**/site-packages/*")]
    assert any(name.startswith("libcst") for name in installed)
    assert "torch" not in installed

"""What is shipped: the wheel lints alone, in an environment that holds no torch."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(REPOSITORY),
    ]
    subprocess.run(command, check=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_three_prefixed_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"breakcheck", "breakcheck_rules", "breakcheck_models"}
    assert "breakcheck_rules/tensor_item/bad.py" in names
    assert "breakcheck/py.typed" in names


def test_the_wheel_alone_lints_where_there_is_no_torch(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "env"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, timeout=300)
    model = tmp_path / "work" / "model.py"
    model.parent.mkdir()
    model.write_text(
        "import torch\n\n\nclass M(torch.nn.Module):\n    def forward(self, x: torch.Tensor):\n"
        "        return x / x.max().item()\n",
        encoding="utf-8",
    )
    command = [str(folder / "bin" / "breakcheck"), "lint", "--output-format", "json", "model.py"]
    done = subprocess.run(command, cwd=model.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["code"], finding["path"], finding["line"]) == ("BC101", "model.py", 6)
    listed = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert "torch " not in listed.lower().replace("torch-breakcheck", "")

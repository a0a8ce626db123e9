"""What is shipped: the wheel lints alone, in an environment that holds no torch."""

from __future__ import annotations

import json
import os
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
    subprocess.run(command, check=True, timeout=300, env={**os.environ, "BREAKCHECK_COMPILE": "0"})
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


LAYERDROP = """
import pytest, torch, breakcheck
from transformers import OPTConfig, OPTModel

def model():
    torch.manual_seed(0)
    return OPTModel(OPTConfig(
        vocab_size=64, hidden_size=16, num_hidden_layers=1, ffn_dim=32, num_attention_heads=2, word_embed_proj_dim=16,
        max_position_embeddings=32, layerdrop=0.3, dropout=0.0, use_cache=False,
    ))

def test_the_wheel_is_what_runs():
    assert "wheel-here" in breakcheck.__file__

@pytest.mark.breakcheck(breaks=0)
def test_training():
    torch.compile(model().train(), backend="eager")(torch.arange(8)[None])

@pytest.mark.breakcheck(breaks=0, recompiles=0, graphs=1)
def test_inference():
    torch.compile(model().eval(), backend="eager")(torch.arange(8)[None])
"""


def test_the_plugin_of_the_wheel_fails_a_transformers_model_in_training_mode_only(
    wheel: Path, tmp_path: Path
) -> None:
    pytest.importorskip("transformers")
    folder = tmp_path / "wheel-here"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder),
        str(wheel),
    ]
    subprocess.run(install, check=True, timeout=300)
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "test_opt.py").write_text(LAYERDROP)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2"],
        cwd=suite,
        env={**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "modeling_opt.py" in done.stdout
    assert "if dropout_probability < self.layerdrop:" in done.stdout

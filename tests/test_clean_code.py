"""What compiles whole gets no `certain` finding: the clean reference models, every rule's good.py, gpt-fast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from breakcheck.registry import load_rules

ROOT = Path(__file__).resolve().parent.parent
LLAMA = ROOT / "reference_models/breakcheck_models"


def certain(*paths: Path) -> list[str]:
    """The `certain` findings on some files, as one line each."""
    command = [
        sys.executable,
        "-m",
        "breakcheck",
        "lint",
        "--no-cache",
        "--exit-zero",
        "--min-confidence",
        "certain",
    ]
    done = subprocess.run(
        [*command, "--output-format", "json", *map(str, paths)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] >= len(paths), "nothing was read"
    return [f"{each['path']}:{each['line']}: {each['code']} {each['message']}" for each in report["findings"]]


def test_the_clean_reference_models_have_none() -> None:
    clean = [path for path in sorted(LLAMA.rglob("*.py")) if "hostile" not in path.parts]
    assert len(clean) > 20
    assert certain(*clean) == []


def test_the_good_example_of_every_rule_has_none_of_any_rule() -> None:
    good = [loaded.folder / "good.py" for loaded in load_rules()]
    assert len(good) >= 60
    assert certain(*good) == []


def test_the_hostile_model_shows_that_the_question_can_be_answered_otherwise() -> None:
    assert certain(LLAMA / "llama/hostile/item_slot.py")


def test_gpt_fast_has_none_in_the_forward_that_is_read(tmp_path: Path) -> None:
    """gpt-fast's model is the field's example of one that compiles whole; with a `.item()` put in it has one."""
    checkout = os.environ.get("GPT_FAST")
    if checkout is None:
        pytest.skip("GPT_FAST names no checkout of gpt-fast")
    model = Path(checkout) / "model.py"
    assert certain(model) == []
    before, output, after = model.read_text(encoding="utf-8").partition("logits = self.output(x)")
    assert output
    copy = tmp_path / "model.py"
    copy.write_text(f"{before}{output}.mul(x.sum().item()){after}", encoding="utf-8")
    assert [line.split()[1] for line in certain(copy)] == ["BC101"]

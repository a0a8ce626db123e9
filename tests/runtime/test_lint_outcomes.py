"""`check --lint`: what this run says of each static finding, and what the linter says of each break of this run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

SOURCE = """\
import torch
from breakcheck import Case

hidden = next(value for name, value in vars(torch._dynamo).items() if name == "graph_break")

class Model(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x * x.max().item()  # confirmed
        hidden()  # missed
        if self.training:
            x = x / x.min().item()  # not reached
        return x + x.min().item()  # breakcheck: ignore[BC101] silenced

class Captured(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * x.max().item()  # refuted

def case_model():
    return Case(Model(), calls=[(torch.ones(3),)])

def case_captured():
    torch._dynamo.config.capture_scalar_outputs = True
    return Case(Captured(), calls=[(torch.ones(3),)])
"""


def line_of(word: str) -> int:
    return next(n for n, text in enumerate(SOURCE.splitlines(), 1) if text.endswith(f"# {word}"))


def test_each_finding_is_confirmed_not_reached_or_refuted_and_each_break_seen_or_missed(
    tmp_path: Path,
) -> None:
    (tmp_path / "m.py").write_text(SOURCE)
    done = subprocess.run(
        [sys.executable, "-m", "breakcheck", "check", "m.py:case_model", "m.py:case_captured", "--backend", "eager",
         "--only", "breaks", "--lint", "--json", "o.json"],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    model, captured = json.loads((tmp_path / "o.json").read_text())["reports"]
    silenced = next(n for n, text in enumerate(SOURCE.splitlines(), 1) if text.endswith("silenced"))
    said = {item["line"]: item["outcome"] for item in model["lint"]}
    assert said == {
        line_of("confirmed"): "confirmed",
        line_of("not reached"): "not_reached",
        line_of("refuted"): "not_reached",  # by this target; the other one reaches it
        silenced: "confirmed",
    }
    assert {i["line"]: i["outcome"] for i in captured["lint"]}[line_of("refuted")] == "refuted"
    sites = model["verdicts"]["graph_breaks"]["sites"]
    assert {site["line"]: site["linter"] for site in sites} == {
        line_of("confirmed"): "saw it",
        line_of("missed"): "missed it",
        silenced: "saw it",  # though a comment silences the finding
    }
    assert captured["verdicts"]["graph_breaks"]["status"] == "pass"
    for word in ("confirmed", "not reached", "refuted"):
        assert word in done.stdout

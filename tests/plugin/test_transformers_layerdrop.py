"""A real model whose training mode breaks: LayerDrop draws a random tensor and branches on it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("transformers")
pytest.importorskip("xdist")

SUITE = """
import pytest, torch
from transformers import OPTConfig, OPTModel

@pytest.fixture
def model():
    torch.manual_seed(0)
    return OPTModel(OPTConfig(
        vocab_size=64, hidden_size=16, num_hidden_layers=2, ffn_dim=32, num_attention_heads=2, word_embed_proj_dim=16,
        max_position_embeddings=32, layerdrop=0.3, dropout=0.0, use_cache=False,
    ))

@pytest.mark.breakcheck(breaks=0)
def test_training_with_layerdrop(model):
    torch.compile(model.train(), backend="eager")(torch.arange(8)[None])

@pytest.mark.breakcheck(breaks=0, recompiles=0, graphs=1)
def test_inference(model):
    torch.compile(model.eval(), backend="eager")(torch.arange(8)[None])
"""


def line_of_the_branch() -> int:
    spec = importlib.util.find_spec("transformers")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "models" / "opt" / "modeling_opt.py"
    lines = source.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if "if dropout_probability < self.layerdrop" in line)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["in one process", "xdist"])
def test_layerdrop_in_training_fails_and_its_line_is_named(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_opt=SUITE)
    start = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = start("-p", "no:cacheprovider", "-v", "--junitxml=out.xml", *workers)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*breakcheck: test_training_with_layerdrop does not compile as expected*",
            f"  transformers/models/opt/modeling_opt.py:{line_of_the_branch()}: GB0170 *",
            "      if dropout_probability < self.layerdrop:",
            "*frame skipped: lines *-* ran eagerly and were not analysed; fix this first",
            "BREAK test_opt.py::test_training_with_layerdrop - breakcheck: * graph break*",
        ]
    )
    assert "modeling_opt.py" in (pytester.path / "out.xml").read_text()


def test_workers_share_one_baseline_that_only_the_controller_writes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_a="""
import pytest, torch

def broken(x):
    x = x * 2
    print("seen")
    return x + 1

@pytest.mark.parametrize("n", range(2))
@pytest.mark.breakcheck
def test_broken(n):
    torch.compile(broken, backend="eager")(torch.ones(n + 2))
"""
    )
    use = ("-p", "no:cacheprovider", "-n", "2", "--breakcheck-baseline=known.json")
    pytester.runpytest_subprocess(*use, "--breakcheck-update-baseline").assert_outcomes(passed=2)
    text = (pytester.path / "known.json").read_text()
    assert text.count('"kind": "break"') == 1
    assert all(f"test_broken[{n}]" in text for n in range(2))

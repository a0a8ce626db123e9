"""foundation-model-stack's own suite, its hand-written no-graph-break test replaced by our marker in a scratch copy.

    git clone https://github.com/foundation-model-stack/foundation-model-stack
    python benchmarks/fms_suite.py foundation-model-stack [--out benchmarks/results/fms_suite.md]

Three things are compared: the two tests on fms as it is; on a copy with habits put into LLaMA.forward; and generation
with its caches, which the suite never compiles. Both sides compile with backend "eager" (the backend is not the point).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import torch
from tabulate import tabulate

SUITE = "fms/testing/_internal/model_test_suite.py"
HF = "fms/testing/_internal/hf/model_test_suite.py"
SUITES = (SUITE, HF, "tests/models/test_qwen3.py", "tests/models/test_qwen3_embeddings.py")
OURS = """    @pytest.mark.breakcheck(breaks=0, recompiles=0, graphs=1)
    def test_model_compile_no_graph_breaks(self, model):
        from fms.testing.comparison import get_signature

        get_signature(
            torch.compile(model, backend="eager"),
            params=self._get_signature_params,
            optional_params=dict(self._get_signature_optional_params or {}, attn_algorithm="math"),
            logits_getter_fn=self._get_signature_logits_getter_fn,
        )
"""
OURS_HF = """    @pytest.mark.breakcheck(breaks=0, recompiles=0, graphs=1)
    def test_hf_model_compile_no_graph_breaks(self, fms_hf_model):
        get_signature(
            torch.compile(fms_hf_model, backend="eager"),
            params=self._get_hf_signature_params,
            optional_params={"return_dict": True, "attn_algorithm": "math"},
            logits_getter_fn=lambda o: o.logits,
        )
"""
THE_TEST = re.compile(
    r"(?:    @pytest\.mark\.skipif\((?:(?!    def ).)*?\n    \)\n)?    def test_(hf_)?model_compile_no_graph_breaks\(.*?"
    r"(?=\n    @|\n    def |\nclass |\Z)",
    re.S,
)
# What people write; the line it goes before is in LLaMA.forward.
BEFORE = "        output, cache = self.base_model(\n"
HABITS = {
    "a value read back": "        x.max().item()\n",
    "a boolean mask": "        x[x > 3]\n",
    "two prints": '        print("in")\n        print("still in")\n',
}
GENERATION = """
import pytest, torch
from fms.models.gpt_bigcode import GPTBigCode
from fms.models.granite import Granite
from fms.models.llama import LLaMA
from fms.utils.generation import generate

SMALL = dict(src_vocab_size=99, emb_dim=16, nheads=2, nlayers=2, pad_id=0, max_expected_seq_len=64)
MODELS = {
    "llama": lambda: LLaMA(**SMALL), "granite": lambda: Granite(head_dim=8, **SMALL), "gpt_bigcode": lambda: GPTBigCode(**SMALL),
}

@pytest.mark.parametrize("name", MODELS)
@pytest.mark.breakcheck(breaks=0, recompiles="<=2", graphs="<=3")
def test_generation_compiles_prefill_and_one_dynamic_decode(name):
    torch.manual_seed(0)
    model = torch.compile(MODELS[name]().eval(), backend="eager")
    with torch.no_grad():
        generate(model, torch.arange(3, 11)[None], max_new_tokens=6, use_cache=True, do_sample=False)
"""


def copies(checkout: Path, folder: Path) -> None:
    """Writes `theirs` (as it is, on backend eager) and `ours` (each such test is our marker) below a folder."""
    for name in ("theirs", "ours"):
        shutil.copytree(checkout, folder / name, ignore=shutil.ignore_patterns(".git"))
        meta = folder / name / "ibm_fms-0.dist-info" / "METADATA"
        meta.parent.mkdir(exist_ok=True)  # its import asks for its own version
        meta.write_text("Metadata-Version: 2.1\nName: ibm-fms\nVersion: 0\n")
    for name in SUITES:
        theirs, ours = folder / "theirs" / name, folder / "ours" / name
        theirs.write_text(theirs.read_text().replace('WithBackend("inductor")', 'WithBackend("eager")'))
        text, number = THE_TEST.subn(lambda match: OURS_HF if match[1] else OURS, ours.read_text())
        if not number:
            raise SystemExit(f"{name}: no hand-written test to replace; another version of fms?")
        ours.write_text(text)
    (folder / "ours" / "tests" / "models" / "test_generation.py").write_text(GENERATION)


def run(folder: Path, name: str, *arguments: str) -> tuple[dict[str, str], str]:
    """Outcome by test of pytest in one copy, and what it printed."""
    out = folder / f"{name}.xml"
    environment = {**os.environ, "PYTHONPATH": ".", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", f"--junitxml={out}",
         "--tb=short", *arguments],
        cwd=folder / name, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = {}
    for case in ET.parse(out).getroot().iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        where = f"{str(case.get('classname')).removeprefix('tests.models.')}::{case.get('name')}"
        found[where] = min(kinds, default="passed")
    return found, done.stdout


def said(output: str) -> str:
    """What breakcheck printed of one failing test: from its headline to the line of what was expected."""
    match = re.search(
        r"^E? *breakcheck: .*? does not compile as expected.*?(?=^=+|^_{5,}|^-{5,})", output, re.S | re.M
    )
    return match[0].rstrip() if match else ""


def reason(output: str) -> str:
    """The line that says why fms's own test failed."""
    match = re.search(
        r"^E +(?:Failed: )?(.*graph.*|.*torch\._dynamo.*|.*Unsupported.*)$", output, re.M | re.I
    )
    return match[1].strip() if match else ""


def main() -> None:
    """Runs both suites, the habits and generation; writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--commit", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "fms_suite.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copies(options.checkout, folder)
        whole = ("tests/models", "-k", "no_graph_break", "--ignore=tests/models/hf_equivalence")
        theirs, _ = run(folder, "theirs", *whole)
        ours, _ = run(folder, "ours", *whole)
        page = [
            "# foundation-model-stack's no-graph-break test, theirs and ours",
            f"fms {options.commit}, torch {torch.__version__}, `python benchmarks/fms_suite.py CHECKOUT`\n",
            "## As it is",
            "error: the fixture wants a tokenizer from the Hub; skipped: needs AutoGPTQ, FP8 or Hopper.\n",
            tabulate(
                [(key, theirs.get(key, ""), ours.get(key, "")) for key in theirs],
                ["test", "theirs", "ours"],
                "github",
            ),
            f"\nSame tests on both sides: {sorted(theirs) == sorted(ours)}.\n",
            "## Habits put into `LLaMA.forward`, then `TestLlama2`",
        ]
        one = ("tests/models/test_llama.py", "-k", "TestLlama2 and no_graph_break and not GQA and not GPTQ")
        for habit, lines in HABITS.items():
            outcomes = []
            for side in ("theirs", "ours"):
                model = folder / side / "fms" / "models" / "llama.py"
                before = model.read_text()
                if BEFORE not in before:
                    raise SystemExit(
                        "fms/models/llama.py: no line to put a habit before; another version of fms?"
                    )
                model.write_text(before.replace(BEFORE, lines + BEFORE, 1))
                outcomes.append(run(folder, side, *one))
                model.write_text(before)
            (their, their_text), (our, our_text) = outcomes
            page += [
                f"\n### {habit}: theirs {', '.join(their.values())}, ours {', '.join(our.values())}",
                f"```\n{lines.rstrip()}\n```\nTheirs says: {reason(their_text) or 'nothing'}\n\nOurs says:\n```\n{said(our_text)}\n```",
            ]
        generation, text = run(folder, "ours", "tests/models/test_generation.py")
        page += [
            "\n## Generation with caches, which fms's suite never compiles",
            "The marker: no break, at most two recompiles (prefill, decode, decode with dynamic sizes).\n",
            tabulate(list(generation.items()), ["test", "ours"], "github"),
            *([f"\n```\n{said(text)}\n```"] if said(text) else []),
        ]
    options.out.write_text("\n".join(page).replace(f"{name}/ours/", "").replace(f"{name}/", "") + "\n")


if __name__ == "__main__":
    main()

"""`breakcheck run` from outside: scripts, modules, crashes, several ranks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

pytestmark = pytest.mark.timeout(1200)

THREE_LINES = """\
import torch, transformers
model = transformers.BertModel(transformers.BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=32)).eval()
torch.compile(lambda ids: model(ids).last_hidden_state.mean().item(), backend="eager")(torch.ones(1, 4, dtype=torch.long))
"""
PRINTS = """\
import os, sys, torch
@torch.compile(backend="eager")
def f(x):
    print("hi")
    return x + 1
f(torch.ones(2))
{end}
"""


def run(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "breakcheck", "run", *arguments],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
        capture_output=True,
        text=True,
        timeout=1100,
    )


def sites(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["verdicts"]["graph_breaks"]["sites"]
    return found


def test_three_lines_that_compile_a_transformers_model_list_their_break(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "three.py").write_text(THREE_LINES)
    done = run("--json", "o.json", "three.py", cwd=tmp_path)
    (site,) = sites(tmp_path / "o.json")
    assert done.returncode == 1
    assert (site["file"], site["line"], site["gb_id"], site["rule"]) == ("three.py", 3, "GB0124", "BC101")
    assert "three.py:3: BC101" in done.stdout


@pytest.mark.parametrize(
    ("end", "code"), [("", 1), ("sys.exit(0)", 1), ("sys.exit(3)", 2), ("os._exit(3)", 2), ("1 / 0", 2)]
)
def test_report_comes_however_the_script_ends(tmp_path: Path, end: str, code: int) -> None:
    (tmp_path / "s.py").write_text(PRINTS.format(end=end))
    done = run("--json", "o.json", "s.py", cwd=tmp_path)
    (site,) = sites(tmp_path / "o.json")
    assert (site["line"], site["rule"]) == (4, "BC301")
    assert done.returncode == code
    assert "hi" in done.stdout
    if code == 2:
        assert done.stderr.strip().splitlines()[-1].startswith("breakcheck: error: s.py ended with exit code")


def test_module_is_reported_without_the_frames_of_the_interpreter(tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text(PRINTS.format(end=""))
    done = run("-m", "mod", cwd=tmp_path)
    assert "= called from mod.py:" in done.stdout
    assert "<frozen" not in done.stdout


def test_arguments_and_module_name_are_the_programs_own(tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text(
        "import sys\nassert __name__ == '__main__'\nassert sys.argv[1:] == ['--fix', 'a']\n"
    )
    done = run("-m", "mod", "--fix", "a", cwd=tmp_path)
    assert done.returncode == 1
    assert "nothing was compiled" in done.stdout


def test_ranks_are_merged_and_named(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PRINTS.format(end=""))
    launcher = (
        "import os, subprocess, sys\n"
        "jobs = [subprocess.Popen([sys.executable, 'train.py'], env={**os.environ, 'RANK': str(r)}) for r in (0, 1)]\n"
        "sys.exit(max(job.wait() for job in jobs))\n"
    )
    (tmp_path / "launch.py").write_text(launcher)
    done = run("--json", "o.json", "launch.py", cwd=tmp_path)
    (site,) = sites(tmp_path / "o.json")
    assert done.returncode == 1
    assert (site["ranks"], site["count"]) == (["rank 0", "rank 1"], 2)
    assert "rank 1: 1 break site, 1 graph" in done.stdout
    assert "= seen by rank 0, rank 1" in done.stdout


def test_torchrun_job_gives_one_report_that_names_its_ranks(tmp_path: Path) -> None:
    script = "import torch.distributed as d\nd.init_process_group('gloo')\n" + PRINTS.format(
        end="rank = d.get_rank()\nif rank:\n    torch.compile(lambda x: x.tolist(), backend='eager')(torch.ones(2))\n"
        "d.destroy_process_group()"
    )
    (tmp_path / "train.py").write_text(script)
    launch = ("-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint",
              "localhost:0", "train.py")  # fmt: skip
    done = run("--json", "o.json", *launch, cwd=tmp_path)
    both, one = sites(tmp_path / "o.json")
    assert done.returncode == 1, done.stderr
    assert (both["gb_id"], both["ranks"], both["count"]) == ("GB0059", ["rank 0", "rank 1"], 2)
    assert (one["line"], one["ranks"]) == (11, ["rank 1"])
    assert "rank 1: 2 break sites" in done.stdout


def test_a_split_llama_on_two_ranks_breaks_at_its_hostile_collectives_and_one_rank_more(
    tmp_path: Path,
) -> None:
    repository = Path(__file__).resolve().parents[2]
    launch = ("-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint",
              "localhost:0", "benchmarks/gpu_ranks.py", "--tiny", "--hostile")  # fmt: skip
    done = run("--json", str(tmp_path / "o.json"), *launch, cwd=repository)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("cosine to the whole model 1.000000") == 2
    seen = {(Path(site["file"]).name, site["line"], *site["ranks"]) for site in sites(tmp_path / "o.json")}
    collectives = {("async_collectives.py", line, "rank 0", "rank 1") for line in (90, 91, 106, 107)}
    assert seen == {*collectives, ("print_shape.py", 90, "rank 1")}


def test_no_such_script_is_one_line(tmp_path: Path) -> None:
    done = run("nowhere.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == "breakcheck: error: nowhere.py: no such script"


def test_the_programs_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.custom = 1\n")
    (tmp_path / "s.py").write_text("print('custom', custom)\n")
    done = run("s.py", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert "custom 1" in done.stdout

"""`breakcheck check` from outside: each target in its own process, exit codes, JSON, baseline, waivers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

pytestmark = pytest.mark.timeout(1200)
HOSTILE = Path(__file__).with_name("hostile_targets.py")


def check(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "breakcheck", "check", *arguments],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
        capture_output=True,
        text=True,
        timeout=1100,
    )


def culprit_line(name: str) -> int:
    lines = HOSTILE.read_text().splitlines()
    return next(i for i, text in enumerate(lines, 1) if text.endswith(f"# culprit: {name}"))


@pytest.fixture(scope="module")
def bad_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """One command over everything that goes wrong, a good target last; its process and its JSON by target."""
    folder = tmp_path_factory.mktemp("bad")
    names = [
        "raises",
        "returns_number",
        "no_such_factory",
        "model_raises",
        "segfaults",
        "hangs",
        "leaves_by_exit",
    ]
    names += ["leaves_by_sys_exit", "good"]
    done = check(
        "nowhere.py", *(f"{HOSTILE}:{name}" for name in names),
        "--backend", "eager", "--only", "breaks", "--timeout", "200", "--json", "out.json", cwd=folder,
    )  # fmt: skip
    reports = json.loads((folder / "out.json").read_text())["reports"]
    return done, {report["target"].rpartition(":")[2]: report for report in reports}


def test_one_line_an_unusable_target_and_exit_code_2(bad_run: Any) -> None:
    done, reports = bad_run
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert all(line.startswith("breakcheck: error: ") for line in lines)
    assert len(lines) == len(reports)  # all but the good one, and the file that is not there
    assert "Traceback" not in done.stdout + done.stderr


def test_the_targets_after_bad_ones_are_done(bad_run: Any) -> None:
    _, reports = bad_run
    assert reports["good"]["failure"] is None
    assert reports["good"]["verdicts"]["graph_breaks"]["status"] == "pass"


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("raises", "target", r"raised ValueError: no weights in this folder at hostile_targets.py:\d+"),
        ("model_raises", "target", "raises without torch.compile"),
        ("segfaults", "crash", "SIGSEGV"),
        ("leaves_by_exit", "exit", r"os._exit\(0\)"),
        ("leaves_by_sys_exit", "exit", "SystemExit"),
    ],
)
def test_failure_says_what_happened(bad_run: Any, name: str, kind: str, says: str) -> None:
    failure = bad_run[1][name]["failure"]
    assert failure["kind"] == kind
    assert re.search(says, failure["message"])


@pytest.mark.parametrize("name", ["segfaults", "leaves_by_exit", "leaves_by_sys_exit"])
def test_failure_names_the_line_at_fault(bad_run: Any, name: str) -> None:
    failure = bad_run[1][name]["failure"]
    assert (failure["file"], failure["line"]) == (str(HOSTILE), culprit_line(name))


def test_code_that_silences_or_replaces_what_is_watched_never_passes(tmp_path: Path) -> None:
    names = ("silences_logging", "patches_compile")
    done = check(
        *(f"{HOSTILE}:{name}" for name in names), "--backend", "eager", "--only", "breaks", cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    assert f"hostile_targets.py:{culprit_line('branches')}: BC104" in done.stdout
    assert "nothing was compiled" in done.stdout or "nothing can be compiled" in done.stdout


def test_deadlock_is_ended_and_named(tmp_path: Path) -> None:
    done = check(
        f"{HOSTILE}:deadlocks", f"{HOSTILE}:good", "--backend", "eager", "--only", "breaks", "--timeout", "40",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"hostile_targets.py:{culprit_line('deadlocks')} (stage compile)" in done.stderr
    assert "1 passes" in done.stdout


def test_hang_is_ended_and_named(tmp_path: Path) -> None:
    done = check(f"{HOSTILE}:hangs", "--backend", "eager", "--only", "breaks", "--timeout", "45", "--json", "o.json",
                 cwd=tmp_path)  # fmt: skip
    failure = json.loads((tmp_path / "o.json").read_text())["failure"]
    assert done.returncode == 2
    assert failure["message"].startswith("still running after 45 s")
    assert (failure["file"], failure["line"]) == (str(HOSTILE), culprit_line("hangs"))


def test_memory_limit_ends_the_target_only(tmp_path: Path) -> None:
    done = check(f"{HOSTILE}:eats_memory", f"{HOSTILE}:good", "--backend", "eager", "--only", "breaks",
                 "--memory-limit", "1.5", "--timeout", "200", "--json", "o.json", cwd=tmp_path)  # fmt: skip
    eats, good = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert done.returncode == 2
    assert eats["failure"]["kind"] == "memory"
    assert good["verdicts"]["graph_breaks"]["status"] == "pass"


def test_floods_forks_threads_and_moves_do_not_matter(tmp_path: Path) -> None:
    done = check(f"{HOSTILE}:floods", f"{HOSTILE}:moves_about", "--backend", "eager", "--only", "breaks",
                 "--timeout", "200", "--json", "o.json", cwd=tmp_path)  # fmt: skip
    reports = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert [report["failure"] for report in reports] == [None, None]
    assert done.returncode == 0
    assert "xxxx" not in done.stdout


def test_break_recompile_error_and_vacuity_fail_with_place_and_rule(tmp_path: Path) -> None:
    names = ("branches", "counts_calls", "disabled", "fails_compiled")
    done = check(*(f"{HOSTILE}:{name}" for name in names), "--backend", "eager", "--only", "breaks,recompiles",
                 "--json", "o.json", cwd=tmp_path)  # fmt: skip
    branch, count, off, error = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert done.returncode == 1
    (site,) = branch["verdicts"]["graph_breaks"]["sites"]
    assert (site["line"], site["gb_id"]) == (culprit_line("branches"), "GB0170")
    assert "BC104" in site["rule_candidates"]  # several rules share this id; only the linter tells them apart
    recompiles = count["verdicts"]["recompiles"]
    assert recompiles["status"] == "fail"
    assert {s["class"] for s in recompiles["sites"]} == {"int attribute"}
    assert {s["source_line"] for s in recompiles["sites"]} == {culprit_line("counts_calls")}
    assert "nothing can be compiled" in off["verdicts"]["graph_breaks"]["summary"]
    (raised,) = error["verdicts"]["graph_breaks"]["sites"]
    assert (raised["kind"], raised["line"]) == ("error", culprit_line("fails_compiled"))
    assert raised["eager_raises"] is False


def test_baseline_lets_known_breaks_pass_and_reports_fixed_ones(tmp_path: Path) -> None:
    target = tmp_path / "m.py"
    body = "import torch\ndef case():\n    def f(x):\n        print('a')\n        return x + 1\n    return f, torch.ones(2)\n"
    target.write_text(body)
    common = ("m.py", "--backend", "eager", "--only", "breaks", "--baseline", "known.json")
    first = check(*common, "--update-baseline", cwd=tmp_path)
    assert first.returncode == 0
    target.write_text("\n\n" + body)  # identity, not line numbers
    assert check(*common, cwd=tmp_path).returncode == 0
    target.write_text(body.replace("print('a')", "x = x * 2"))
    fixed = check(*common, cwd=tmp_path)
    assert fixed.returncode == 0
    assert "the baseline can shrink" in fixed.stdout
    target.write_text(body.replace("print('a')", "print('b')"))
    assert check(*common, cwd=tmp_path).returncode == 1


def test_waiver_needs_a_reason_and_ends_at_its_date(tmp_path: Path) -> None:
    source = (
        "import torch\n"
        "def case_fresh():\n    def f(x):\n        print('a')  # breakcheck: ignore[GB0059] shown once until=2999-01-01\n"
        "        return x + 1\n    return f, torch.ones(2)\n"
        "def case_past():\n    def f(x):\n        print('a')  # breakcheck: ignore[BC301] shown once until=2001-01-01\n"
        "        return x + 1\n    return f, torch.ones(2)\n"
        "def case_no_date():\n    def f(x):\n        print('a')  # breakcheck: ignore[BC301] shown once until=2026-99-99\n"
        "        return x + 1\n    return f, torch.ones(2)\n"
    )
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "breakcheck_cases.py").write_text(source)
    done = check("cases", "--backend", "eager", "--only", "breaks", "--json", "o.json", cwd=tmp_path)
    fresh, past, no_date = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert done.returncode == 1, done.stderr
    assert fresh["verdicts"]["graph_breaks"]["status"] == "pass"
    assert fresh["verdicts"]["graph_breaks"]["sites"][0]["status"] == "waived"
    for report, why in ((past, "it ended on 2001-01-01"), (no_date, "2026-99-99 is no date")):
        assert report["verdicts"]["graph_breaks"]["status"] == "fail"
        assert report["verdicts"]["graph_breaks"]["sites"][0]["waiver"]["void"] == why
        assert why in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "speed"), "no such verdict"),
        (("--latency", "fast"), "write r<=0.9"),
        (("--latency", "ms<=5"), "name it"),
        (("--device", "npu"), "no such device"),
        (("--update-baseline",), "needs --baseline"),
        (("--timeout", "nan"), "--timeout must be a positive number"),
        (("--memory-limit", "-1"), "--memory-limit must be a positive number"),
        (("--json", "nowhere/o.json"), "--json nowhere/o.json: no such folder"),
        (("--html", "nowhere/o.html"), "--html nowhere/o.html: no such folder"),
        ((), "name a TARGET"),
    ],
)
def test_wrong_flags_are_one_line_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    target = (f"{HOSTILE}:good",) if arguments else ()
    done = check(*target, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


def test_cuda_asked_for_and_absent_is_one_line(tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    done = check(f"{HOSTILE}:good", "--device", "cuda", cwd=tmp_path)
    assert done.returncode == 2
    assert "use --device cpu" in done.stderr


def test_missing_cpp_compiler_is_one_line(tmp_path: Path) -> None:
    done = check(f"{HOSTILE}:good", "--only", "breaks", cwd=tmp_path, env={"CXX": "/nonexistent/g++"})
    assert done.returncode == 2
    assert "no working C++ compiler" in done.stderr


def test_without_torch_check_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass No:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch': raise ModuleNotFoundError(name='torch')\n"
        "import importlib.util as u\nreal = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'torch' else real(name, package)\n"
        "sys.meta_path.insert(0, No())\n"
    )
    done = check(f"{HOSTILE}:good", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 2
    assert "torch-breakcheck[runtime]" in done.stderr

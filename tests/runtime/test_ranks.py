"""`breakcheck check` under a launcher: all ranks check, rank 0 makes one report that says which rank saw what."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from breakcheck.errors import BreakcheckError
from breakcheck.runtime import ranks as meeting_place
from breakcheck.runtime.latency import slowest
from breakcheck.runtime.rank_merge import merged_report, merged_sites
from breakcheck.runtime.ranks import Meeting, RankGone, Ranks, launched
from breakcheck.runtime.report.graph_strip import by_call, graph_blocks
from breakcheck.runtime.report_data import Failure, Report, Status, Verdict
from breakcheck.runtime.supervise import Outcome

pytestmark = pytest.mark.timeout(1200)
REPOSITORY = Path(__file__).resolve().parents[2]

CASE = """\
import os, signal, time, torch
import torch.distributed as dist
import torch.distributed._functional_collectives as funcol
from breakcheck import Case

RANK = int(os.environ["RANK"])

class Split(torch.nn.Module):
    def __init__(self, habit):
        super().__init__()
        self.habit = habit if RANK == 1 else ""
        self.linear = torch.nn.Linear(8, 8)
    def forward(self, x):
        x = self.linear(x)
        if self.habit == "prints":
            print("hi")  # the habit
        if self.habit == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.habit == "sleeps":
            time.sleep(1000)
        return funcol.wait_tensor(funcol.all_reduce(x, "sum", dist.group.WORLD))

def build(habit):
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("gloo")
    return Case(Split(habit), calls=[(torch.ones(2, 8),), (torch.zeros(2, 8),)])

def case_clean():
    return build("")

def case_prints():
    return build("prints")

def dies():
    return build("dies")

def sleeps():
    return Case(build("sleeps").model.linear, calls=[(torch.ones(2, 8),)]) if RANK == 0 else build("sleeps")

def raises_on_rank_1():
    if RANK:
        raise ValueError("no shard for this rank")
    return build("")
"""


def launch(cwd: Path, *arguments: str, size: int = 2) -> list[subprocess.CompletedProcess[str]]:
    """`breakcheck check` as a launcher starts it: one process a rank; their ends, in order."""
    (cwd / "split.py").write_text(CASE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": size, "LOCAL_WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    jobs = [
        subprocess.Popen(
            [sys.executable, "-m", "breakcheck", "check", "--backend", "eager", *arguments],
            cwd=cwd,
            env={**os.environ, "OMP_NUM_THREADS": "1", "RANK": str(rank), "LOCAL_RANK": str(rank)}
            | {name: str(value) for name, value in shared.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]
    ended = [job.communicate(timeout=1000) for job in jobs]
    return [
        subprocess.CompletedProcess(job.args, job.returncode, out, err)
        for job, (out, err) in zip(jobs, ended, strict=True)
    ]


def test_under_torchrun_each_target_gets_one_report_with_both_ranks_and_a_split_llama_has_no_break(
    tmp_path: Path,
) -> None:
    (tmp_path / "split.py").write_text(CASE)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d",
               "--rdzv-endpoint", "localhost:0", "-m", "breakcheck", "check", "--device", "cpu", "--backend", "eager",
               "--json", str(tmp_path / "o.json"), "benchmarks/gpu_cases.py:tensor_parallel",
               f"{tmp_path / 'split.py'}:case_clean"]  # fmt: skip
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "reference_models")])
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=1100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("graph breaks") == 2
    assert "every rank: none; 2 graphs" in done.stdout
    report, _second = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert report["environment"]["ranks"] == 2
    assert {graph["rank"] for graph in report["graphs"]} == {"0", "1"}
    breaks, parity = report["verdicts"]["graph_breaks"], report["verdicts"]["parity"]
    assert (breaks["sites"], parity["reference"]) == ([], "float64")
    assert {name: said["status"] for name, said in breaks["by_rank"].items()} == {
        "rank 0": "pass",
        "rank 1": "pass",
    }


def test_a_break_on_one_rank_is_named_by_it_and_the_next_target_is_still_checked(tmp_path: Path) -> None:
    first, second = launch(tmp_path, "--latency", "off", "--json", "o.json", "split.py")
    assert (first.returncode, second.returncode) == (1, 0), first.stderr + second.stderr
    assert (second.stdout, second.stderr) == ("", "")
    assert "rank 1: 1 site, 1 executed per call" in first.stdout
    assert "    = seen by rank 1\n" in first.stdout
    assert "note: rank 0: 0 break sites, 1 graph" in first.stdout
    assert "1 target fails, 1 passes" in first.stdout
    clean, broken = json.loads((tmp_path / "o.json").read_text())["reports"]
    assert clean["verdicts"]["latency"]["status"] == "pass"
    (site,) = broken["verdicts"]["graph_breaks"]["sites"]
    assert (site["source"], site["ranks"]) == ('print("hi")  # the habit', ["rank 1"])
    assert broken["verdicts"]["parity"]["status"] == "pass"


@pytest.mark.parametrize(
    ("name", "seconds", "says"),
    [
        ("dies", "300", "rank 1: the interpreter was ended by SIGKILL"),
        ("raises_on_rank_1", "300", "rank 1: the factory raised ValueError: no shard for this rank"),
        ("sleeps", "30", "rank 1: still running after 30 s (--timeout)"),
    ],
)
def test_a_rank_that_fails_is_one_line(tmp_path: Path, name: str, seconds: str, says: str) -> None:
    only = ("--only", "breaks", "--timeout", seconds)
    first, second = launch(tmp_path, *only, f"split.py:{name}")
    assert (first.returncode, second.returncode) == (2, 0), first.stderr
    (line,) = first.stderr.splitlines()
    assert line.startswith(f"breakcheck: error: split.py:{name}: ")
    assert says in line
    assert (second.stdout, second.stderr) == ("", "")


def test_a_wrong_flag_is_said_once(tmp_path: Path) -> None:
    first, second = launch(tmp_path, "--only", "speed", "split.py")
    assert (first.returncode, second.returncode) == (2, 0)
    assert first.stderr.startswith("breakcheck: error: --only speed: no such verdict")
    assert (second.stdout, second.stderr) == ("", "")


@pytest.mark.parametrize(
    "variables", [{}, {"RANK": "0", "WORLD_SIZE": "1"}, {"WORLD_SIZE": "2"}], ids=["none", "one", "no rank"]
)
def test_one_process_is_no_launch(variables: dict[str, str]) -> None:
    assert launched(variables) is None


@pytest.mark.parametrize("here", [{}, {"LOCAL_WORLD_SIZE": "2"}])
def test_ranks_on_several_hosts_are_refused_with_what_is_supported(here: dict[str, str]) -> None:
    with pytest.raises(BreakcheckError, match="starts all ranks on one host"):
        launched({"RANK": "1", "WORLD_SIZE": "4", **here})


def test_two_launches_do_not_meet() -> None:
    one = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_PORT": "29500"}
    first, other = launched(one), launched({**one, "RANK": "1"})
    second = launched({**one, "MASTER_PORT": "29501"})
    assert first is not None
    assert other is not None
    assert second is not None
    assert first.folder == other.folder != second.folder


def test_the_last_rank_that_leaves_removes_the_folder(tmp_path: Path) -> None:
    first, second = (Ranks(rank, 2, tmp_path / "meet") for rank in (0, 1))
    first.leave()
    assert first.folder.is_dir()
    second.leave()
    assert not first.folder.exists()


def test_a_rank_that_never_answers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting_place, "ANSWER_S", 0.0)
    own, silent = Ranks(0, 2, tmp_path).gather(Outcome(done=True), 0.1)
    assert own.failure is None
    reports = [Report("t", failure=outcome.failure) for outcome in (own, silent)]
    failure = merged_report(reports).failure
    assert failure is not None
    assert failure.message == "rank 1: never answered within 0.1 s (--timeout)"


def test_ranks_hear_each_other_and_that_one_is_gone(tmp_path: Path) -> None:
    first, second = (Ranks(rank, 2, tmp_path) for rank in (0, 1))
    second.put("enough-0", True)
    assert Meeting(first).any("enough", False)
    second.put("outcome", {})
    late = Meeting(first)
    late.exchange("enough", False)
    with pytest.raises(RankGone, match="rank 1 ended before it came to enough"):
        late.exchange("enough", False)
    assert Meeting().exchange("alone", 3) == [3]


@pytest.mark.parametrize(
    ("first", "second", "status", "summary"),
    [
        ((Status.PASS, "none"), (Status.PASS, "none"), Status.PASS, "every rank: none"),
        ((Status.PASS, "3 s"), (Status.PASS, "4 s"), Status.PASS, "rank 0: 3 s"),
        ((Status.PASS, "none"), (Status.FAIL, "1 site"), Status.FAIL, "rank 1: 1 site"),
        ((Status.FAIL, "2 sites"), (Status.FAIL, "1 site"), Status.FAIL, "rank 0: 2 sites; rank 1: 1 site"),
        ((Status.PASS, "ok"), (Status.NOT_CHECKED, "no"), Status.NOT_CHECKED, "rank 1: no"),
        ((Status.NOT_CHECKED, "no"), (Status.NOT_CHECKED, "no"), Status.NOT_CHECKED, "no"),
    ],
)
def test_a_verdict_is_the_gravest_ranks(first: Any, second: Any, status: Status, summary: str) -> None:
    merged = merged_report([Report("t", {"parity": Verdict(*given)}) for given in (first, second)])
    assert (merged.verdicts["parity"].status, merged.verdicts["parity"].summary) == (status, summary)


def test_the_end_that_others_only_noticed_comes_last_or_not_at_all() -> None:
    lost = Report("t", failure=Failure("crash", "RuntimeError: connection closed"))
    died = Report("t", failure=Failure("exit", "t: the process ended with code 3", "compile"))
    peer = Report("t", failure=Failure("peer", "another rank failed"))
    failure = merged_report([lost, died, peer]).failure
    assert failure is not None
    assert failure.stage == "compile"
    assert failure.message == "rank 1: the process ended with code 3; rank 0: RuntimeError: connection closed"


def test_counts_of_a_site_are_added_unless_each_rank_has_them_a_call() -> None:
    site = {"file": "m.py", "line": 3, "function": "f", "count": 2}
    seen = [("rank 0", [site]), ("rank 1", [site])]
    assert merged_sites(seen) == [{**site, "count": 4, "ranks": ["rank 0", "rank 1"]}]
    assert merged_sites(seen, summed=False)[0]["count"] == 2


def test_recompiles_in_several_calls_stay_several() -> None:
    again = {"guard": "step == 1", "file": "m.py", "line": 3, "function": "f"}
    seen = [("rank 0", [{**again, "call": 1}, {**again, "call": 2}]), ("rank 1", [{**again, "call": 1}])]
    assert [(site["call"], site["ranks"]) for site in merged_sites(seen)] == [
        (1, ["rank 0", "rank 1"]),
        (2, ["rank 0"]),
    ]


def test_a_call_takes_as_long_as_on_the_slowest_rank() -> None:
    measured = slowest([[[1.0, 5.0], [2.0, 2.0]], [[3.0, 1.0], [1.0, 4.0]]])
    assert (measured.eager_ms, measured.compiled_ms) == ((3.0, 5.0), (2.0, 4.0))


def test_each_rank_has_its_own_row_of_graphs() -> None:
    """Two ranks' graphs in one row would look like a graph break between them."""
    graphs = [{"id": f"0/{call}", "call": call, "rank": rank} for rank in ("0", "1", "10") for call in (0, 1)]
    rows = by_call(graph_blocks(graphs), warmup=1)
    assert [(row.rank, row.call, row.warmup) for row in rows] == [
        (rank, call, call == 0) for rank in ("0", "1", "10") for call in (0, 1)
    ]
    assert all(len(row.blocks) == 1 for row in rows)

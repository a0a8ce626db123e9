"""TorchTPU's adapter: what needs none of its packages, then (marker tpu) captures compiled for a TPU that isn't there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from breakcheck import environments
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import torchtpu, tpu_aot, whole_check
from breakcheck.runtime.devices.subprocesses import Answer
from breakcheck.runtime.devices.tpu_chips import parse_topology
from breakcheck.runtime.devices.workers.torchtpu_internals import missing
from breakcheck.runtime.report_data import Report, Status
from breakcheck.runtime.scenario import Scenario

TARGETS = Path(__file__).parent / "aot_targets.py"
needs_environments = [
    pytest.mark.tpu,
    pytest.mark.skipif(
        not (environments.is_ready("tpu") and environments.is_ready("torch-tpu")),
        reason="no environment: breakcheck setup tpu, breakcheck setup torch-tpu",
    ),
]
WANTED = ("compile", "memory", "recompiles", "donation", "float64", "syncs")


def _check(target: str, topology: str = "v5e:1x1") -> Report:
    return torchtpu.check(Scenario(target, device=f"torch-tpu:{topology}", only=WANTED, timeout_s=1800.0))


def test_the_device_has_an_adapter_and_an_environment_of_its_own() -> None:
    assert whole_check("torch-tpu:v5e:1x1") is torchtpu.check
    recipe = environments.recipe_of("torch-tpu", (3, 11))
    assert "torch-tpu==0.2.0" in recipe.requirements
    with pytest.raises(BreakcheckError, match=r"pinned for Python 3\.11, this is 3\.14"):
        environments.recipe_of("torch-tpu", (3, 14))


@pytest.mark.parametrize(
    ("device", "mesh", "said"),
    [
        ("torch-tpu", None, "needs a topology, as torch-tpu:v5e:1x1"),
        ("torch-tpu:v5e:2x2", None, "one device's program"),
        ("torch-tpu:tpu7x:1x1x1", None, "one device's program"),
        ("torch-tpu:v5e:1x1", "model=1", "no --mesh"),
        ("torch-tpu:v9:1x1", None, "unknown TPU 'v9'"),
    ],
)
def test_what_one_process_cannot_capture_is_one_line(device: str, mesh: str | None, said: str) -> None:
    with pytest.raises(BreakcheckError, match=said) as caught:
        torchtpu.check(Scenario("llama2-7b", device=device, mesh=mesh))
    assert "\n" not in str(caught.value)


def test_internals_that_moved_are_named() -> None:
    assert missing([("json", "dumps")]) == ""
    assert missing([("json", "dumps"), ("json", "no_such")]) == "json.no_such"
    assert missing([("no_such_package.part", "x")]).startswith("no_such_package.part (No module named")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            {"moved": "torch_tpu._loader._init_device", "versions": {"torch_tpu": "0.9.0"}},
            "skipped: torch_tpu 0.9.0 has no torch_tpu._loader._init_device, on which",
        ),
        ({"moved": "", "skipped": "a training case: ..."}, "skipped: a training case"),
    ],
)
def test_what_cannot_be_captured_is_skipped_with_the_reason_and_passes_nothing(
    monkeypatch: pytest.MonkeyPatch, report: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr(environments, "python_of", lambda name: Path(name))
    monkeypatch.setattr(torchtpu, "run_worker", lambda *_: Answer({"programs": [], **report}, ""))
    found = _check("llama2-7b")
    assert found.failure is None
    assert list(found.verdicts) == ["compile"]
    assert found.verdicts["compile"].status is Status.NOT_CHECKED
    assert found.verdicts["compile"].summary.startswith(said)
    assert found.notes[-1].startswith(said)  # said whatever verdicts were asked for


def test_a_process_that_aborts_while_capturing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = "the native library aborted (SIGABRT): Check failed: device"
    monkeypatch.setattr(environments, "python_of", lambda name: Path(name))
    monkeypatch.setattr(torchtpu, "run_worker", lambda *_: Answer({"programs": []}, ended))
    found = _check("llama2-7b")
    assert found.failure is not None
    assert found.failure.message == ended
    assert found.exit_code() == 2


def test_a_compiler_that_aborts_leaves_no_verdict_on_what_it_did_not_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(python: Path, script: str, *_: Any) -> Answer:
        if script == "torchtpu_worker.py":
            return Answer({"programs": [{"signature": "int64[1,1]", "file": "program0.mlirbc"}]}, "")
        return Answer({"programs": []}, "the native library aborted (SIGABRT): no message")

    monkeypatch.setattr(environments, "python_of", lambda name: Path(name))
    monkeypatch.setattr(torchtpu, "run_worker", run)
    found = _check("llama2-7b")
    assert found.failure is not None
    assert found.failure.stage == "compile"
    assert found.verdicts == {}


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ({"refused": {}}, "no program was captured"),
        ({"changed_bytes": None}, "torch does not say here which inputs the graph changes"),
        ({"changed_bytes": 0}, "the calls change no buffer"),
    ],
)
def test_donation_says_no_more_than_is_known(program: dict[str, Any], said: str) -> None:
    verdict = torchtpu._donation([program])
    assert (verdict.status, verdict.summary) == (Status.NOT_CHECKED, said)


def test_what_changes_is_counted_twice_and_says_so() -> None:
    memory = {"peak": 3 * 2**30, "argument": 2**31, "output": 2**30, "alias": 0, "temp": 0}
    program = {"signature": "int64[1,1]", "memory": memory, "changed_bytes": 2**30, "trace_seconds": 1.0}
    verdicts = torchtpu.judge({"versions": {"torch_tpu": "0.2.0"}}, [program], parse_topology("v5e:1x1"))
    assert verdicts["donation"].status is Status.NOT_CHECKED
    assert "the peak counts 1.00 GiB of changed buffers twice" in verdicts["donation"].summary
    assert "captured by TorchTPU 0.2.0 with fullgraph=True" in verdicts["compile"].summary
    json.dumps({name: verdict.to_dict() for name, verdict in verdicts.items()})


class TestCaptured:
    """Real captures; compile-verified, not executed."""

    pytestmark = needs_environments

    def test_7b_is_captured_as_one_program_and_fits_one_v5e(self) -> None:
        report = _check("llama2-7b")
        assert report.failure is None
        assert {name: verdict.status for name, verdict in report.verdicts.items()} == {
            "compile": Status.PASS,
            "memory": Status.PASS,
            "recompiles": Status.PASS,
            "donation": Status.NOT_CHECKED,
            "float64": Status.PASS,
            "syncs": Status.PASS,
        }
        cache = 2 * 32 * 2048 * 4096 * 2  # keys and values, layers, slots, hidden, bytes of bfloat16
        assert report.verdicts["donation"].evidence["changed_bytes"] == cache
        # 13.56 GiB on `tpu:v5e:1x1`, whose cache is donated; here it is counted twice.
        assert report.verdicts["memory"].evidence["peak"] / 2**30 == pytest.approx(14.6, rel=0.02)
        assert report.notes[0] == f"{tpu_aot.LABEL}: nothing ran on a TPU"

    def test_13b_does_not_fit_one_v5e(self) -> None:
        report = _check("llama2-13b")
        assert report.verdicts["memory"].status is Status.FAIL
        assert "does not fit v5e:1x1" in report.verdicts["memory"].summary

    @pytest.mark.parametrize(("name", "source"), [("branch", "if x.sum() > 0:"), ("masked", "x[x > 0]")])
    def test_a_value_wanted_while_capturing_is_refused_with_its_line(self, name: str, source: str) -> None:
        report = _check(f"{TARGETS}:{name}")
        verdict = report.verdicts["compile"]
        assert verdict.status is Status.FAIL
        line = next(i for i, text in enumerate(TARGETS.read_text().splitlines(), 1) if source in text)
        assert verdict.summary.endswith(f"aot_targets.py:{line}")

    def test_float64_is_found_with_its_line(self) -> None:
        report = _check(f"{TARGETS}:wide")
        assert report.verdicts["float64"].status is Status.FAIL
        assert [site["line"] for site in report.verdicts["float64"].evidence["sites"]] == [31]

    def test_a_new_shape_is_a_second_program(self) -> None:
        report = _check(f"{TARGETS}:new_length")
        assert report.verdicts["recompiles"].status is Status.FAIL
        assert len(report.verdicts["compile"].evidence["programs"]) == 2

"""What torch_xla makes of each habit, and of the clean and hostile Llama; needs `breakcheck setup xla`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from breakcheck import environments
from breakcheck.runtime.devices import xla
from breakcheck.runtime.report_data import Status, Verdict
from breakcheck.runtime.scenario import Scenario

pytestmark = [
    pytest.mark.xla,
    pytest.mark.skipif(not environments.is_ready("xla"), reason="no xla environment: breakcheck setup xla"),
]
HABITS = Path(__file__).parent / "xla_habits.py"
NAMES = (
    "item",
    "branch",
    "fallback",
    "cat_cache",
    "index_copy_cache",
    "python_offset",
    "python_scale",
    "complex_rotation",
    "eos_every_token",
    "eos_every_tenth",
)
LLAMAS = ("llama2-tiny", "llama2-tiny@item-slot", "llama2-tiny@growing-cache", "llama2-tiny@tensor-branch")


@cache
def _reports() -> dict[str, Mapping[str, Verdict]]:
    targets = [f"{HABITS}:{name}" for name in NAMES]
    found = xla.observe(targets, "lazy", Scenario("", device="xla"))
    return {name: xla.judge(report) for name, report in zip(NAMES, found, strict=True)}


@cache
def _llamas(backend: str) -> dict[str, Mapping[str, Verdict]]:
    found = xla.observe(LLAMAS, backend, Scenario("", device="xla"))
    assert all("error" not in report for report in found), found
    return {name: xla.judge(report) for name, report in zip(LLAMAS, found, strict=True)}


@pytest.mark.parametrize("name", ["index_copy_cache", "python_scale", "complex_rotation"])
def test_clean_code_compiles_nothing_after_warmup_and_reads_nothing_back(name: str) -> None:
    verdicts = _reports()[name]
    assert {v: verdicts[v].status for v in ("recompiles", "syncs", "fallbacks", "parity")} == {
        "recompiles": Status.PASS, "syncs": Status.PASS, "fallbacks": Status.PASS, "parity": Status.PASS,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "source"), [("item", "x.sum().item()"), ("branch", "if x.sum() > 0:")])
def test_a_value_read_back_is_a_transfer_each_call_at_its_line(name: str, source: str) -> None:
    verdict = _reports()[name]["syncs"]
    line = 1 + next(i for i, text in enumerate(HABITS.read_text().splitlines()) if source in text)
    assert verdict.status is Status.FAIL
    assert verdict.evidence["host_reads"] == 3
    assert [site["line"] for site in verdict.evidence["sites"]] == [line]


def test_an_op_without_lowering_is_a_fallback_at_its_line() -> None:
    verdict = _reports()["fallback"]["fallbacks"]
    assert verdict.status is Status.FAIL
    assert verdict.evidence["ops"] == ["aten::special_i0e"]
    assert "i0e" in HABITS.read_text().splitlines()[verdict.evidence["sites"][0]["line"] - 1]


@pytest.mark.parametrize("name", ["cat_cache", "python_offset"])
def test_a_growing_cache_and_a_python_offset_compile_each_call(name: str) -> None:
    verdict = _reports()[name]["recompiles"]
    assert verdict.status is Status.FAIL
    assert verdict.evidence["per_call"] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("backend", ["lazy", "openxla"])
def test_the_clean_llama_is_one_program_a_signature_and_equal_to_eager(backend: str) -> None:
    verdicts = _llamas(backend)["llama2-tiny"]
    assert {name: v.summary for name, v in verdicts.items() if v.status is Status.FAIL} == {}
    if backend == "openxla":
        assert verdicts["graph_breaks"].status is Status.PASS


@pytest.mark.parametrize("backend", ["lazy", "openxla"])
def test_hostile_components_show_on_the_device(backend: str) -> None:
    failed = {
        name.partition("@")[2]: {v for v, verdict in verdicts.items() if verdict.status is Status.FAIL}
        for name, verdicts in _llamas(backend).items()
    }
    assert failed[""] == set()
    assert "syncs" in failed["item-slot"]
    assert "syncs" in failed["tensor-branch"]
    assert "recompiles" in failed["growing-cache"]
    assert "syncs" not in failed["growing-cache"]  # a cache that grows reads nothing back


@pytest.mark.parametrize("component", ["item-slot", "tensor-branch", "growing-cache"])
def test_dynamo_gives_up_on_hostile_components_on_tensors_of_the_device(component: str) -> None:
    verdict = _llamas("openxla")[f"llama2-tiny@{component}"]["graph_breaks"]
    assert verdict.status is Status.FAIL
    assert _llamas("openxla")["llama2-tiny"]["graph_breaks"].status is Status.PASS


def test_the_end_of_a_text_is_asked_for_every_tenth_token_not_every_token() -> None:
    each, tenth = (_reports()[name]["syncs"].evidence for name in ("eos_every_token", "eos_every_tenth"))
    assert each["transfers"] == 20
    assert tenth["transfers"] == 2

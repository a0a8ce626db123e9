"""The sharding tables on 8 virtual devices: what is sharded how, which collectives follow, and the same numbers as eager.

Needs `breakcheck setup xla`. FSDP here is FSDPv2: SPMD in one dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from breakcheck import environments
from breakcheck.runtime.devices import xla
from breakcheck.runtime.report_data import Status
from breakcheck.runtime.scenario import Scenario

pytestmark = [
    pytest.mark.xla,
    pytest.mark.skipif(not environments.is_ready("xla"), reason="no xla environment: breakcheck setup xla"),
]
TARGETS = Path(__file__).parent / "spmd_targets.py"
# Which targets run in one process: SPMD is switched on for a whole process, with one number of devices.
RUNS: dict[tuple[str, str], tuple[str, ...]] = {
    ("data=2,model=4", "lazy"): ("two_axes", "train_two_axes", "incomplete"),
    ("data=8", "lazy"): ("fsdp", "train_fsdp"),
    ("data=1,model=8", "openxla"): ("model_only",),
}
Q_WEIGHT, O_WEIGHT = "layers.0.attention.q_proj.weight", "layers.0.attention.o_proj.weight"


@cache
def _run(mesh: str, backend: str) -> dict[str, Mapping[str, Any]]:
    names = RUNS[mesh, backend]
    reports = xla.observe(
        [f"{TARGETS}:{name}" for name in names], backend, Scenario("", device="xla", mesh=mesh)
    )
    return dict(zip(names, reports, strict=True))


def _report(name: str) -> Mapping[str, Any]:
    ((mesh, backend),) = [key for key, names in RUNS.items() if name in names]
    report = _run(mesh, backend)[name]
    assert "error" not in report, report["error"]
    return report


@pytest.mark.parametrize(
    "name", ["two_axes", "fsdp", "model_only", "train_two_axes", "train_fsdp"]
)  # fmt: skip
def test_a_sharded_llama_is_one_program_with_the_numbers_of_eager(name: str) -> None:
    verdicts = xla.judge(_report(name))
    assert {n: v.summary for n, v in verdicts.items() if v.status is Status.FAIL} == {}
    assert verdicts["parity"].status is Status.PASS


@pytest.mark.parametrize("name", ["two_axes", "train_two_axes"])
def test_the_two_axes_of_the_table_are_read_back_from_the_runtime(name: str) -> None:
    shardings = _report(name)["shardings"]
    # Mesh data=2, model=4: a row (data, model) splits 2 x 4, a row (model, data) 4 x 2, norms are whole.
    assert shardings[Q_WEIGHT] == "{devices=[2,4]0,1,2,3,4,5,6,7}"
    assert shardings[O_WEIGHT] == "{devices=[4,2]0,4,1,5,2,6,3,7}"
    assert shardings["embed.weight"] == shardings["lm_head.weight"] == shardings[O_WEIGHT]
    assert shardings["norm.weight"] == "{replicated}"


def test_fsdp_splits_every_matrix_once_and_gathers_its_weights() -> None:
    report = _report("fsdp")
    assert report["shardings"][Q_WEIGHT] == report["shardings"][O_WEIGHT] == "{devices=[8,1]0,1,2,3,4,5,6,7}"
    # Seven matrices a layer, the embedding and the head: 16 gathers for two layers.
    assert report["collectives"]["all-gather"] == 7 * 2 + 2


def test_tensor_parallel_under_openxla_sums_twice_a_layer_and_once_for_the_embedding() -> None:
    report = _report("model_only")
    assert report["collectives"]["all-reduce"] == 2 * 2 + 1
    assert xla.judge(report)["graph_breaks"].status is Status.PASS


@pytest.mark.parametrize("name", ["train_two_axes", "train_fsdp"])
def test_a_training_step_reduces_its_gradients_over_the_mesh(name: str) -> None:
    forward = _report(name.removeprefix("train_"))["collectives"]
    assert _report(name)["collectives"]["all-reduce"] > forward["all-reduce"]


def test_a_table_that_forgets_a_parameter_is_refused_by_its_name() -> None:
    error = _run("data=2,model=4", "lazy")["incomplete"]["error"]
    assert error["message"] == "'layers.0.input_norm.weight' [64] matches no row of the sharding table"

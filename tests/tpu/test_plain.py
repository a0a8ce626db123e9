"""What of the TPU adapters needs neither a TPU nor their environments: parsing, judging, tables, recipes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import nn

from breakcheck import environments
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import tpu_aot, tpu_cost, tpu_verdicts, whole_check
from breakcheck.runtime.devices.subprocesses import _told
from breakcheck.runtime.devices.tpu_chips import CHIPS, parse_mesh, parse_topology, smallest_that_holds
from breakcheck.runtime.devices.workers import hlo_text
from breakcheck.runtime.devices.workers.tensor_slots import find_slots
from breakcheck.runtime.report_data import Status
from breakcheck.runtime.scenario import Scenario


def test_topologies_know_their_places_and_a_chip_alone_is_its_smallest() -> None:
    assert parse_topology("v5e:4x4").num_devices == 16
    assert parse_topology("v4:2x2x2").num_devices == 8
    assert parse_topology("tpu7x:2x2x1").num_devices == 8  # two halves a chip
    assert parse_topology("v6e").name == "v6e:1x1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("v9:1x1", "unknown TPU 'v9': known are v4, v5e, v5p, v6e, tpu7x"),
        (
            "v5e:3x5",
            "unknown topology 'v5e:3x5': for v5e there are 1x1, 2x2, 2x4, 4x4, 4x8, 8x8, 8x16, 16x16",
        ),
    ],
)
def test_an_unknown_topology_lists_those_known(text: str, message: str) -> None:
    with pytest.raises(BreakcheckError) as caught:
        parse_topology(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["model=3", "model", "model=0", "model=2,model=4"])
def test_a_mesh_that_does_not_fill_the_slice_is_one_line(text: str) -> None:
    with pytest.raises(BreakcheckError, match=text.split(",")[0]):
        parse_mesh(text, parse_topology("v5e:2x4"))


def test_a_slice_without_a_mesh_and_a_tpu_without_topology_are_refused() -> None:
    with pytest.raises(BreakcheckError, match="say how to use them"):
        tpu_aot.check(Scenario("llama2-7b", device="tpu:v5e:2x4"))
    with pytest.raises(BreakcheckError, match="needs a topology"):
        tpu_aot.check(Scenario("llama2-7b", device="tpu"))


def test_without_the_environment_the_way_to_make_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(environments.FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(BreakcheckError, match=r"breakcheck setup tpu|pinned for Python"):
        tpu_aot.check(Scenario("llama2-7b", device="tpu:v5e:1x1"))


def test_an_environment_of_other_pins_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(environments.FOLDER_VARIABLE, str(tmp_path))
    folder = environments.folder_of("xla")
    environments.interpreter(folder).parent.mkdir(parents=True)
    environments.interpreter(folder).touch()
    (folder / "breakcheck-environment.json").write_text('{"requirements": ["torch==1.0"]}')
    assert not environments.is_ready("xla")
    with pytest.raises(BreakcheckError, match="other versions"):
        environments.python_of("xla")


def test_a_python_without_pins_is_told_which_have_them() -> None:
    with pytest.raises(BreakcheckError, match=r"pinned for Python 3\.11, 3\.12, 3\.13, this is 3\.9"):
        environments.recipe_of("tpu", (3, 9))


def test_the_devices_with_environments_give_whole_reports() -> None:
    assert whole_check("cpu") is None
    assert whole_check("tpu:v5e:1x1") is tpu_aot.check


HLO = """
  %all-reduce.1 = bf16[1,1,4096]{2,1,0:T(8,128)} all-reduce(%x), channel_id=1
  %ag-start = (bf16[4,8]{1,0}, bf16[8,8]{1,0}) all-gather-start(%y), channel_id=2
  %ag-done = bf16[8,8]{1,0} all-gather-done(%ag-start)
  %copy.7 = bf16[2048,32,128]{2,1,0} copy(%cache)
  %copy.8 = bf16[16,16]{1,0} copy(%small)
"""
STABLEHLO = """
  func.func @main(%arg0: tensor<4xf64>) -> tensor<4xf64> {
    %c = stablehlo.constant dense<1.0> : tensor<f64>
    %0 = stablehlo.convert %arg1 : (tensor<4xf32>) -> tensor<4xf64>
    %1 = stablehlo.add %0, %arg0 : tensor<4xf64>
    %2 = stablehlo.custom_call @Sharding(%1) : (tensor<4xf64>) -> tensor<4xf32>
    %3 = stablehlo.custom_call @xla_python_cpu_callback(%2) : (tensor<4xf32>) -> tensor<4xf32>
    return %1 : tensor<4xf64>
"""


def test_collectives_count_an_asynchronous_pair_once() -> None:
    assert hlo_text.collectives(HLO) == {"all-gather": 1, "all-reduce": 1}


def test_only_copies_of_the_named_shapes_count() -> None:
    assert hlo_text.copies(HLO, ["bf16[2048,32,128]"]) == 1
    assert hlo_text.local_shape("bf16", (2048, 32, 128)) == "bf16[2048,32,128]"


def test_float64_scalars_and_partitioner_marks_are_no_finding() -> None:
    assert hlo_text.double_tensors(STABLEHLO) == 2
    assert hlo_text.custom_calls(STABLEHLO) == {"xla_python_cpu_callback": 1}
    assert hlo_text.host_calls(STABLEHLO) == {"xla_python_cpu_callback": 1}


class Tied(nn.Module):
    """A tied weight, a plain tensor, a cache object in a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight
        self.plain = torch.zeros(3)
        self.pair = (torch.zeros(1), [torch.zeros(4)])


def test_every_reachable_tensor_is_one_slot_and_is_replaced_everywhere() -> None:
    model, call = Tied(), {"args": [torch.zeros(5)]}
    slots = {slot.name: slot for slot in find_slots({"": model, "call0": call})}
    assert set(slots) == {"first.weight", "plain", "pair.0", "pair.1.0", "call0.args.0"}
    for slot in slots.values():
        slot.put(torch.ones_like(slot.tensor))
    assert model.second._parameters["weight"] is model.first._parameters["weight"]
    assert float(model.pair[0].sum()) == 1
    assert float(model.pair[1][0].sum()) == 4
    assert float(model.plain.sum()) == 3
    assert float(call["args"][0].sum()) == 5


def _program(**changes: object) -> dict[str, object]:
    program: dict[str, object] = {
        "signature": "int64[1,1]", "changed": ["cache"], "changed_bytes_per_chip": 100, "doubles": [],
        "double_tensors": 0, "custom_calls": {}, "host_calls": {}, "compile_seconds": 1.0, "whole_copies": 0,
        "collectives": {"all-reduce": 65},
        "memory": {"argument": 819_000_000, "output": 100, "alias": 100, "temp": 0, "peak": 819_000_000},
    }  # fmt: skip
    return {**program, **changes}


def _judge(
    program: dict[str, object], topology: str = "v5e:1x1", expected: dict[str, int] | None = None
) -> dict[str, Status]:
    report = {"programs": [program], "signatures": [{"signature": "a", "calls": 2, "after_warmup": False}]}
    return {
        name: v.status for name, v in tpu_verdicts.judge(report, parse_topology(topology), expected).items()
    }


def test_a_clean_program_passes_and_its_latency_is_never_passed() -> None:
    found = _judge(_program())
    assert found.pop("latency") is Status.NOT_CHECKED
    assert found.pop("collectives") is Status.NOT_CHECKED
    assert set(found.values()) == {Status.PASS}
    floor = tpu_verdicts.floor([_program()], parse_topology("v5e:1x1"))
    assert floor.evidence["floor_ms"] == pytest.approx(1.0)


def test_each_fault_fails_its_own_verdict() -> None:
    assert _judge(_program(whole_copies=1))["donation"] is Status.FAIL
    undonated = {"argument": 1, "output": 1, "alias": 0, "temp": 0, "peak": 2}
    assert _judge(_program(memory=undonated))["donation"] is Status.FAIL
    assert _judge(_program(double_tensors=1))["float64"] is Status.FAIL
    assert _judge(_program(host_calls={"callback": 1}))["syncs"] is Status.FAIL
    assert _judge(_program(), "v5e:2x4", {"all-reduce": 64})["collectives"] is Status.FAIL
    assert _judge(_program(), "v5e:2x4", {"all-reduce": 65})["collectives"] is Status.PASS


def test_out_of_memory_gives_the_compilers_words_and_the_smallest_slice() -> None:
    error = {"kind": "out of memory", "message": "20.20G exceeds 15.75G", "needed_bytes": int(20.2 * 2**30)}
    verdict = tpu_verdicts.memory([{"compile_error": error}], parse_topology("v5e:1x1"))
    assert verdict.status is Status.FAIL
    assert "20.20G exceeds 15.75G" in verdict.summary
    assert verdict.evidence["smallest"] == "v5e:2x2"
    assert smallest_that_holds(CHIPS["v5e"], 2**60) is None


def test_donation_of_what_was_not_compiled_is_unknown_not_absent() -> None:
    assert tpu_verdicts.donation([]).summary == "no program was compiled"
    assert tpu_verdicts.donation([_program(changed=[])]).summary == "the calls change no buffer"


def test_a_refused_call_names_op_and_line() -> None:
    refused = {
        "kind": "x", "op": "aten::item", "message": "reads a tensor back", "known": True,
        "source": {"path": "m.py", "line": 3, "function": "f"},
    }  # fmt: skip
    verdict = tpu_verdicts.one_program([{"signature": "a", "refused": refused}])
    assert verdict.summary == "not one program: `aten::item` reads a tensor back at m.py:3"


def test_a_signature_first_seen_after_warmup_is_a_recompile() -> None:
    late = [
        {"signature": "a", "calls": 3, "after_warmup": False},
        {"signature": "b", "calls": 1, "after_warmup": True},
    ]
    assert tpu_verdicts.recompiles(late).status is Status.FAIL
    assert dataclasses.is_dataclass(tpu_verdicts.recompiles(late[:1]))


def test_the_cost_sheet_is_computed_from_sizes_and_a_price() -> None:
    memory = {"argument": 819_000_000, "output": 100, "alias": 100}
    row = tpu_cost.cost_row(memory, parse_topology("v5e:2x2"), batch_size=4, price=1.2)
    assert row.floor_ms == pytest.approx(1.0)
    assert row.tokens_per_s_chip == pytest.approx(1000.0)
    assert row.dollars_per_1000_tokens == pytest.approx(1.2 / 3600)
    text = tpu_cost.cost_sheet([row], "llama2-70b")
    assert "computed, not measured" in text
    assert "$0.0036/1,000 tokens" in text
    with pytest.raises(ValueError, match="must be positive"):
        tpu_cost.cost_row(memory, parse_topology("v5e"), 1, -1.0)


def test_mfu_divides_model_flops_by_time_and_peak() -> None:
    flops = tpu_cost.model_flops_per_token(1000, 2, 8, 16, train=True)
    assert flops == 3 * (2000 + 4 * 2 * 8 * 16)
    assert tpu_cost.mfu(275e12 * 8 * 0.5, 1.0, parse_topology("v4:2x2x2")) == pytest.approx(0.5)


def test_an_abort_of_the_native_library_is_told_by_its_signal_and_last_words() -> None:
    text = _told(-6, "loading\nF0000 12:00 check.cc:1] Check failed: x == y\n*** trace ***\n")
    assert text == "the native library aborted (SIGABRT): F0000 12:00 check.cc:1] Check failed: x == y"
    assert _told(3, "") == "the worker exited with 3: no message"

"""`bench --device tpu:...` prints a computed sheet, without a TPU and here without a compiler."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from breakcheck.commands.bench import command
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import tpu_aot
from breakcheck.runtime.report_data import Report, Status, Verdict
from breakcheck.runtime.scenario import Scenario


def _fits(scenario: Scenario) -> Report:
    sizes = {"argument": 14_552_672_256, "output": 1_073_870_336, "alias": 1_073_741_824}
    return Report(scenario.target, {"memory": Verdict(Status.PASS, "fits", sizes)})


def test_the_sheet_gives_floor_throughput_and_price_labelled_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tpu_aot, "check", _fits)
    result = CliRunner().invoke(command, ["llama2-7b", "--device", "tpu:v5e:1x1", "--price", "1.2"])
    assert result.exit_code == 0, result.output
    assert "computed, not measured" in result.output
    row = next(line for line in result.output.splitlines() if line.startswith("v5e:1x1"))
    assert row.split() == ["v5e:1x1", "1", "1", "17.77", "56.3", "0.00592"]
    assert "published (measured by the PyTorch/XLA team, 2023)" in result.output


def test_a_model_that_does_not_fit_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report("llama2-70b", {"memory": Verdict(Status.FAIL, "does not fit v5e:1x1")})
    monkeypatch.setattr(tpu_aot, "check", lambda scenario: report)
    with pytest.raises(BreakcheckError, match="llama2-70b: does not fit v5e:1x1"):
        command.main(["llama2-70b", "--device", "tpu:v5e:1x1"], standalone_mode=False)


def test_price_and_mesh_need_a_tpu() -> None:
    with pytest.raises(BreakcheckError, match="for --device tpu"):
        command.main(["llama2-tiny", "--price", "1"], standalone_mode=False)


@pytest.mark.parametrize("device", ["torch-tpu:v5e:1x1", "xla", "quantum"])
def test_a_device_that_bench_cannot_measure_is_one_line(device: str) -> None:
    with pytest.raises(BreakcheckError, match="bench measures on cpu and cuda") as caught:
        command.main(["llama2-tiny", "--device", device], standalone_mode=False)
    assert "\n" not in str(caught.value)

"""Programs compiled for TPUs that aren't there; needs `breakcheck setup tpu`. Compile-verified, not executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from breakcheck import environments
from breakcheck.commands.export import command as export
from breakcheck.errors import BreakcheckError
from breakcheck.runtime.devices import tpu_aot
from breakcheck.runtime.report_data import Report, Status
from breakcheck.runtime.scenario import Scenario

pytestmark = [
    pytest.mark.tpu,
    pytest.mark.skipif(not environments.is_ready("tpu"), reason="no tpu environment: breakcheck setup tpu"),
]
TARGETS = Path(__file__).parent / "aot_targets.py"
GIB = 2**30


def _check(
    target: str, topology: str = "v5e:1x1", mesh: str | None = None, only: tuple[str, ...] = ()
) -> Report:
    wanted = only or (
        "compile",
        "memory",
        "recompiles",
        "collectives",
        "donation",
        "float64",
        "syncs",
        "latency",
    )
    return tpu_aot.check(Scenario(target, device=f"tpu:{topology}", mesh=mesh, only=wanted, timeout_s=1800.0))


def _statuses(report: Report) -> Mapping[str, Status]:
    assert report.failure is None, report.failure
    return {name: verdict.status for name, verdict in report.verdicts.items()}


def test_7b_on_one_v5e_is_one_donating_program_of_13_6_gib() -> None:
    report = _check("llama2-7b")
    assert Status.FAIL not in _statuses(report).values()
    assert report.verdicts["memory"].evidence["peak"] / GIB == pytest.approx(13.6, rel=0.1)
    assert report.verdicts["latency"].status is Status.NOT_CHECKED
    assert report.verdicts["latency"].evidence["floor_ms"] == pytest.approx(17.8, rel=0.1)
    assert report.verdicts["donation"].evidence["whole_copies"] == 0
    assert "compile-verified, not executed" in report.notes[0]


def test_7b_on_8_v4_sums_twice_a_layer_and_once_for_the_embedding() -> None:
    report = _check("llama2-7b", "v4:2x2x2", "data=1,model=8")
    assert Status.FAIL not in _statuses(report).values()
    assert report.verdicts["collectives"].evidence["programs"] == {
        "int64[1,1], int64[1,1]": {"all-reduce": 65}
    }
    assert report.verdicts["memory"].evidence["peak"] / GIB == pytest.approx(1.8, rel=0.1)


def test_70b_widths_of_12_layers_do_not_fit_one_v5e_in_the_compilers_own_words() -> None:
    targets = TARGETS.parents[2] / "benchmarks" / "tpu_targets.py"
    verdict = _check(f"{targets}:llama2_70b_12_layers", only=("compile", "memory")).verdicts["memory"]
    assert verdict.status is Status.FAIL
    assert "Ran out of memory on HBM" in verdict.summary
    assert verdict.evidence["needed_bytes"] / GIB == pytest.approx(20.2, rel=0.1)
    assert verdict.evidence["smallest"] == "v5e:2x2"


@pytest.mark.parametrize(("name", "source"), [("branch", "if x.sum() > 0:"), ("masked", "return x[x > 0]")])
def test_a_value_wanted_while_tracing_is_refused_with_its_line(name: str, source: str) -> None:
    line = 1 + TARGETS.read_text().splitlines().index(" " * 8 + source)
    verdict = _check(f"{TARGETS}:{name}", only=("compile",)).verdicts["compile"]
    assert verdict.status is Status.FAIL
    assert verdict.summary.endswith(f"{TARGETS.name}:{line}")


def test_float64_is_found_at_its_line() -> None:
    line = 1 + TARGETS.read_text().splitlines().index(" " * 8 + "wide = x.to(torch.float64)")
    verdict = _check(f"{TARGETS}:wide", only=("float64",)).verdicts["float64"]
    assert verdict.status is Status.FAIL
    assert [site["line"] for site in verdict.evidence["sites"]] == [line]


def test_a_shape_first_seen_after_warmup_is_a_recompile() -> None:
    assert _statuses(_check(f"{TARGETS}:new_length", only=("recompiles",)))["recompiles"] is Status.FAIL


def test_a_mesh_that_does_not_divide_the_heads_is_one_line() -> None:
    report = _check("llama2-tiny", "v5e:2x4", "data=1,model=8")
    assert report.failure is not None
    assert "8 ranks must divide 4 heads" in report.failure.message


def test_an_exported_program_is_loaded_again_and_equals_eager(tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    result = CliRunner().invoke(
        export, ["llama2-tiny", "--to", "stablehlo", "-o", str(folder)], standalone_mode=False
    )
    assert result.exception is None, result.exception
    assert result.return_value == 0, result.output
    assert "stablehlo." in (folder / "program.mlir").read_text(encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert "layers.0.attention.q_proj.weight" in {item["name"] for item in manifest["inputs"]}
    assert (folder / "program.jax").stat().st_size > 0


def test_what_cannot_be_exported_is_one_line_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(BreakcheckError, match=r"reads a tensor back .*item_slot\.py:32$") as caught:
        export.main(["llama2-tiny@item-slot", "-o", str(tmp_path / "exported")], standalone_mode=False)
    assert "\n" not in str(caught.value)

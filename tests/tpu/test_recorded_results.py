"""The figures kept in benchmarks/results/tpu.json: what was compiled is what the documentation says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "tpu.json"
GIB = 2**30


def _row(name: str) -> Mapping[str, Any]:
    if not RESULTS.is_file():
        pytest.skip("no results in this copy (an sdist has none)")
    report: Mapping[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))[name]["report"]
    assert report["failure"] is None
    return report


# Peaks a chip that a first, separate prototype of these programs had, before this code was written.
@pytest.mark.parametrize(
    ("name", "peak_gib"),
    [("7b on one v5e", 13.6), ("7b on 8 v4", 1.8), ("70b on 16 v5e, 2 x 8", 8.2)],
)
def test_a_decode_step_fits_with_the_expected_peak_in_time_and_host_memory(
    name: str, peak_gib: float
) -> None:
    report = _row(name)
    assert report["verdicts"]["memory"]["status"] == "pass"
    assert report["verdicts"]["memory"]["peak"] / GIB == pytest.approx(peak_gib, rel=0.1)
    assert report["verdicts"]["compile"]["seconds"] < 300
    assert report["environment"]["peak_rss_bytes"] < 4 * GIB


def test_70b_of_12_layers_does_not_fit_one_v5e() -> None:
    verdict = _row("70b, 12 layers, on one v5e")["verdicts"]["memory"]
    assert verdict["status"] == "fail"
    assert "exceeds available HBM" in verdict["summary"]


def test_with_16_kv_heads_70b_sums_over_one_axis_only() -> None:
    wide = _row("70b on 16 v5e, 1 x 16, KV resharded")["verdicts"]["collectives"]
    square = _row("70b on 16 v5e, 2 x 8")["verdicts"]["collectives"]
    assert wide["summary"] == "161 all-reduce"  # two a layer and one for the embedding
    assert square["summary"] == "483 all-reduce"  # three times that: the data axis holds the other dim


def test_every_row_says_that_nothing_was_executed() -> None:
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name, row in rows.items():
        assert "compile-verified, not executed" in row["report"]["environment"]["label"], name
        assert row["report"]["verdicts"]["latency"]["status"] == "not_checked", name


def test_the_documentation_gives_the_recorded_peaks_and_collectives() -> None:
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    documented = (RESULTS.parents[2] / "docs" / "tpu.md").read_text(encoding="utf-8").replace(",", "")
    for name, row in rows.items():
        if "benchmarks/tpu_foreign.py" in row["command"]:
            continue
        verdicts = row["report"]["verdicts"]
        memory = verdicts["memory"]
        assert f"{memory.get('peak', memory.get('needed_bytes')) / GIB:.2f} GiB" in documented, name
        if verdicts.get("collectives", {}).get("status") == "pass":
            assert verdicts["collectives"]["summary"].replace(",", "") in documented, name


def test_the_recorded_runs_on_torch_xla_are_what_the_documentation_says() -> None:
    path = RESULTS.with_name("xla.json")
    if not path.is_file():
        pytest.skip("no results in this copy (an sdist has none)")
    groups = json.loads(path.read_text(encoding="utf-8"))
    openxla = {name: row["verdicts"] for name, row in groups["openxla"]["rows"].items()}
    clean = openxla["llama2-tiny"]
    assert {verdict for verdict, (status, _) in clean.items() if status == "fail"} == set()
    assert clean["graph_breaks"][1].startswith("none")
    assert openxla["llama2-tiny@item-slot"]["graph_breaks"][1] == "1 site, 4 executed per call"
    assert openxla["llama2-tiny@tensor-branch"]["syncs"][1].startswith("36 transfers to the host in 4")
    assert openxla["llama2-tiny@growing-cache"]["recompiles"][1].startswith("11 programs compiled in 13")
    sharded = groups["tensor parallel"]["rows"]["tests/tpu/spmd_targets.py:model_only"]["verdicts"]
    assert sharded["collectives"] == ["pass", "6 all-gather, 5 all-reduce"]
    for group in ("two axes", "fsdp"):
        for name, row in groups[group]["rows"].items():
            assert float(row["verdicts"]["parity"][1].split()[4]) <= 3e-7, name

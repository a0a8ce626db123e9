"""The numbers of the README's section on the Llama are those of the recorded runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "benchmarks" / "results"
SECTION = (
    (REPOSITORY / "README.md")
    .read_text(encoding="utf-8")
    .split("## The reference Llama")[1]
    .split("\n## ")[0]
)
PROSE = " ".join(SECTION.split())


def recorded(name: str) -> Any:
    return json.loads((RESULTS / name).read_text(encoding="utf-8"))


def rows(name: str, **wanted: object) -> list[dict[str, Any]]:
    return [each for each in recorded(name)["rows"] if wanted.items() <= each["row"].items()]


def table(first_column: str) -> dict[str, list[str]]:
    """The cells of each row of the table that begins with a column, by its first cell."""
    text = SECTION.split(f"| {first_column} |")[1].split("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines()[2:]]
    return {first: rest for first, *rest in cells}


def test_what_a_hostile_habit_costs_is_what_was_measured() -> None:
    measured = rows("h100-2026-11-23-b/llama.json", model="llama2-7b:4")
    written = {re.split(r"[ ,]", name)[0]: rest for name, rest in table("component").items()}
    assert set(written) == {row["row"]["component"] or "clean" for row in measured}
    for row in measured:
        latency, breaks = written[row["row"]["component"] or "clean"]
        assert latency == f"{row['ms_median']:.2f}"
        assert int(breaks.split()[0]) == (row["breaks_per_step"] or 0)
        assert row["parity"] == "pass"


def test_how_close_the_clean_model_comes_to_its_limit_is_what_was_measured() -> None:
    fused = {
        "7B bf16": rows("h100-2026-11-23/llama.json", model="llama2-7b", variant="fused"),
        "13B bf16": rows("h100-2026-11-27-c/llama.json", model="llama2-13b", variant="fused"),
        "7B INT8, weight only": rows("h100-2026-11-27-b/llama.json", variant="fused-int8"),
        "70B INT8, weight only": rows(
            "h100-2026-11-27-d/llama.json", model="llama2-70b", variant="fused-int8"
        ),
    }
    written = table("model")
    assert set(written) == set(fused)
    for name, (row,) in fused.items():
        numbers = [row["ms_median"], row["limit_ms"], row["over_limit"]]
        assert written[name][:3] == [f"{number:.2f}" for number in numbers]
        assert row["parity"] == "pass"
    peers = {each["peer"]: each["ms_median"] for each in recorded("h100-2026-11-23/peers.json")}
    assert written["7B bf16"][3:] == [f"{peers[name]:.2f}" for name in ("gpt-fast", "transformers")]
    for name, run in (("13B bf16", "c"), ("7B INT8, weight only", "b")):
        (peer,) = recorded(f"h100-2026-11-27-{run}/peers.json")
        assert written[name][3] == f"{peer['ms_median']:.2f}"


def test_the_prose_says_what_was_measured() -> None:
    fastest = recorded("h200-2026-11-23-b/llama70b.json")["stages"]["one-op"]
    others = recorded("h200-2026-11-23/llama70b-hostile.json")["stages"]
    hostile = others["hostile collectives, compiled"]
    requests = recorded("h200-2026-11-23-b/requests-7b.json")
    (int8,) = rows("h200-2026-11-27/llama.json", model="llama2-70b", variant="fused-int8")
    first = recorded("h100-2026-11-23/first_token.json")["seconds_to_first_token"]
    for words in (
        f"70B INT8 on one H200: {int8['ms_median']:.2f} ms/token ({int8['over_limit']:.2f} times its limit)",
        f"two H200: {fastest['ms_median']:.2f} ms/token ({fastest['over_limit']:.2f} times its limit)",
        f"{others['eager']['ms_median']:.1f} eager, {hostile['ms_median']:.1f} compiled",
        f"({hostile['breaks_per_token']} executed breaks per token)",
        f"answers {requests['requests']:,} requests of random length (up to {requests['buckets']['lengths'][-1]:,} tokens)"
        f" and batch (up to {requests['buckets']['batch_sizes'][-1]})",
        f"the first token of 7B comes {first:.1f} s after",
    ):
        assert words in PROSE
    assert (fastest["parity"], int8["parity"]) == ("pass", "pass")
    assert "parity" not in hostile
    assert requests["graphs_compiled_by_requests"] == 0


def test_the_benchmarks_page_says_of_int8_and_of_the_peers_what_was_measured() -> None:
    page = " ".join((REPOSITORY / "benchmarks" / "README.md").read_text(encoding="utf-8").split())
    for name, file, model in (
        ("70B INT8, one H200 | at most 1.3", "h200-2026-11-27", "llama2-70b"),
        ("70B INT8, one H100 of 80 GB |", "h100-2026-11-27-d", "llama2-70b"),
        ("7B INT8, one H100 | at most 1.5", "h100-2026-11-27-b", "llama2-7b"),
    ):
        (row,) = rows(f"{file}/llama.json", model=model, variant="fused-int8")
        numbers = f"**{row['ms_median']:.3f} ms** | {row['limit_ms']:.3f} | **{row['over_limit']:.2f}**"
        assert f"| {name} | {numbers} | `results/{file}/llama.json` |" in page
        assert row["details"]["cosine_to_unquantized"] >= 0.999
    peers = {each["peer"]: each for each in recorded("h100-2026-11-27/peers.json")}
    (ours,) = rows("h100-2026-11-27/llama.json", variant="fused")
    stack = peers["foundation-model-stack"]
    assert (
        f"ours {ours['ms_median']:.3f} ms ({ours['over_limit']:.2f} times its limit), gpt-fast "
        f"{peers['gpt-fast']['ms_median']:.2f}, foundation-model-stack (fp16, compiled) {stack['ms_median']:.2f}, uneven "
        f"(p10 {stack['ms_p10']:.2f}, p90 {stack['ms_p90']:.2f})"
    ) in page
    cosine = recorded("h200-2026-11-27/int8-forms.json")["cosine"]
    for words in (
        f"a cosine of {cosine['row']:.4f} to the unquantized ones",
        f"groups of 128 reach {cosine['g128']:.4f}, of 64 {cosine['g64']:.4f}",
    ):
        assert words in page
    refused = recorded("h100-2026-11-27-c/llama.json")["refused"]
    assert "OutOfMemoryError" in refused["llama2-70b fused-int8 b1 512+50"]


def test_two_ranks_on_two_gpus_gave_one_report_that_names_them() -> None:
    clean, hostile = (recorded(f"h100x2-2026-11-27/run-{name}.json") for name in ("clean", "hostile"))
    assert clean["verdicts"]["graph_breaks"]["sites"] == []
    assert [note[:22] for note in clean["notes"]] == ["rank 0: 0 break sites,", "rank 1: 0 break sites,"]
    seen = {
        (Path(site["file"]).name, site["line"]): site["ranks"]
        for site in hostile["verdicts"]["graph_breaks"]["sites"]
    }
    both = ["rank 0", "rank 1"]
    asynchronous = dict.fromkeys((("async_collectives.py", line) for line in (90, 91, 106, 107)), both)
    assert seen == {**asynchronous, ("print_shape.py", 90): ["rank 1"]}


def test_a_check_under_torchrun_on_two_gpus_gave_one_report_without_a_break() -> None:
    report = recorded("h100x2-2026-11-27/check-clean.json")
    verdicts = report["verdicts"]
    assert report["environment"]["ranks"] == 2
    assert verdicts["graph_breaks"]["sites"] == []
    for name in ("graph_breaks", "recompiles", "parity", "latency", "syncs"):
        assert {rank: found["status"] for rank, found in verdicts[name]["by_rank"].items()} == {
            "rank 0": "pass",
            "rank 1": "pass",
        }
    assert "compiled 2.61 ms, eager 8.83 ms, r = 0.30" in verdicts["latency"]["summary"]
    page = (REPOSITORY / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert "r = 0.30 (2.61 ms of 8.83)" in page


def test_the_generated_tokens_were_equal_in_float32() -> None:
    verdicts = recorded("h100-2026-11-27-b/check-generation.json")["verdicts"]
    assert verdicts["parity"]["status"] == "pass"
    assert [name for name, verdict in verdicts.items() if verdict["status"] == "fail"] == ["syncs"]

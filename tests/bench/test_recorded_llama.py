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
        "13B bf16": rows("h100-2026-11-23-b/llama.json", model="llama2-13b", variant="fused"),
        "7B INT8, weight only": rows("h100-2026-11-23/llama.json", variant="fused-int8"),
    }
    written = table("model")
    assert set(written) == set(fused)
    for name, (row,) in fused.items():
        numbers = [row["ms_median"], row["limit_ms"], row["over_limit"]]
        assert written[name][:3] == [f"{number:.2f}" for number in numbers]
        assert row["parity"] == "pass"
    peers = {each["peer"]: each["ms_median"] for each in recorded("h100-2026-11-23/peers.json")}
    assert written["7B bf16"][3:] == [f"{peers[name]:.2f}" for name in ("gpt-fast", "transformers")]


def test_the_prose_says_what_was_measured() -> None:
    fastest = recorded("h200-2026-11-23-b/llama70b.json")["stages"]["one-op"]
    others = recorded("h200-2026-11-23/llama70b-hostile.json")["stages"]
    hostile = others["hostile collectives, compiled"]
    requests = recorded("h200-2026-11-23-b/requests-7b.json")
    first = recorded("h100-2026-11-23/first_token.json")["seconds_to_first_token"]
    for words in (
        f"two H200: {fastest['ms_median']:.2f} ms/token ({fastest['over_limit']:.2f} times its limit)",
        f"{others['eager']['ms_median']:.1f} eager, {hostile['ms_median']:.1f} compiled",
        f"({hostile['breaks_per_token']} executed breaks per token)",
        f"answers {requests['requests']:,} requests of random length (up to {requests['buckets']['lengths'][-1]:,} tokens)"
        f" and batch (up to {requests['buckets']['batch_sizes'][-1]})",
        f"the first token of 7B comes {first:.1f} s after",
    ):
        assert words in PROSE
    assert fastest["parity"] == "pass"
    assert "parity" not in hostile
    assert requests["graphs_compiled_by_requests"] == 0

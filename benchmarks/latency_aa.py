"""How often does a latency budget of +10 % cry wolf, and how often does it miss a true +30 %, under two CPU burners?

    python benchmarks/latency_aa.py [--comparisons 200] [--burners 2] [--out results/latency_aa.json]

A/A: a function against itself. A/B: against itself with 30 % more of the same work. Each comparison is one call of
`breakcheck.runtime.latency.judge`, as `check` makes it. Inconclusive is no failure in A/A and a miss in A/B.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from breakcheck.runtime.latency import judge, measure
from breakcheck.runtime.scenario import parse_budget

HERE = Path(__file__).resolve().parent
BUDGET = "r<=1.1"


def burn() -> None:
    """Keeps one core busy until terminated."""
    while True:
        sum(i * i for i in range(10_000))


def work(rounds: int) -> Callable[[], object]:
    """A function whose time is proportional to `rounds`: small matrix products, about 0.1 ms each."""
    a = torch.ones(96, 96)

    def run() -> object:
        x = a
        for _ in range(rounds):
            x = (a @ x) * 0.01
        return x

    return run


def compare(slower: float, rounds: int, seconds: float, number: int) -> list[dict[str, Any]]:
    """The outcome of `number` comparisons of the function with one that does `slower` times its work."""
    budget = parse_budget(BUDGET)
    found = []
    for index in range(number):
        base, other = work(rounds), work(round(rounds * slower))
        begin = time.perf_counter()
        result = judge(lambda b=base, o=other, i=index: measure(b, o, seconds=seconds, seed=i), budget)  # type: ignore[misc]
        found.append(
            {
                "status": result.status.value,
                "ratio": result.value,
                "rounds": len(result.measurements),
                "pairs": sum(len(m.eager_ms) for m in result.measurements),
                "spread": result.measurements[0].spread,
                "seconds": time.perf_counter() - begin,
            }
        )
    return found


def main() -> None:
    """Runs both studies under the burners and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparisons", type=int, default=200)
    parser.add_argument("--burners", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20, help="work in one run; 10 is about 1 ms")
    parser.add_argument("--seconds", type=float, default=0.5, help="timed work in one measurement")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "latency_aa.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    burners = [
        multiprocessing.get_context("spawn").Process(target=burn, daemon=True) for _ in range(options.burners)
    ]
    for burner in burners:
        burner.start()
    time.sleep(1.0)
    load = os.getloadavg()[0]
    try:
        studies = {
            "A/A": compare(1.0, options.rounds, options.seconds, options.comparisons),
            "+30 %": compare(1.3, options.rounds, options.seconds, options.comparisons),
        }
    finally:
        for burner in burners:
            burner.terminate()
    facts = {
        "budget": BUDGET, "burners": options.burners, "cores": os.cpu_count(), "load_before": load,
        "load_after": os.getloadavg()[0], "torch": torch.__version__, "command": sys.argv,
    }  # fmt: skip
    options.out.write_text(json.dumps(facts | {"studies": studies}, indent=1) + "\n")
    rows = []
    for name, found in studies.items():
        counts = Counter(item["status"] for item in found)
        rows.append(
            (
                name, len(found), *(f"{counts[s] / len(found):.1%}" for s in ("pass", "fail", "inconclusive")),
                f"{statistics.median(item['ratio'] for item in found):.3f}",
                f"{statistics.median(item['seconds'] for item in found):.1f}",
            )
        )  # fmt: skip
    print(tabulate(rows, ["study", "comparisons", "pass", "fail", "inconclusive", "median r", "median s"]))


if __name__ == "__main__":
    main()

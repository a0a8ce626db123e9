"""Prove the XLA rules: run their examples on torch_xla and write proof.json into each rule's folder.

    python benchmarks/xla_rules.py [CODE ...]

Needs `breakcheck setup xla`. All examples run in one process, on XLA:CPU.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from typing import Any

from breakcheck.example_run import Evidence, Seen, _compare, _eager_results, _made, example_case
from breakcheck.finding import Effect
from breakcheck.proof import Run, add_run
from breakcheck.registry import LoadedRule, load_rules
from breakcheck.runtime.devices import xla
from breakcheck.runtime.scenario import Scenario
from breakcheck.testing import judge


def main(codes: list[str]) -> int:
    """Write the proofs; 1 when an example does not show its rule's claim."""
    rules = [loaded for loaded in load_rules(()) if loaded.rule.effects == (Effect.XLA,)]
    rules = [loaded for loaded in rules if not codes or loaded.rule.code in codes]
    if not rules:
        print("no rule claims an XLA effect alone", file=sys.stderr)
        return 2
    targets = [f"{loaded.folder / name}:case" for loaded in rules for name in ("bad.py", "good.py")]
    reports = xla.observe(targets, "lazy", Scenario("", device="xla", timeout_s=3600.0))
    failed = 0
    for index, loaded in enumerate(rules):
        bad, good = reports[2 * index], reports[2 * index + 1]
        evidence = _evidence(loaded, bad, good)
        for problem in judge(loaded, evidence):
            failed += 1
            print(f"{loaded.rule.code} {loaded.rule.name}: {problem}")
        versions = bad.get("versions", {})
        run = Run(
            str(versions.get("torch", "0")), f"Python {platform.python_version()}", {},
            f"torch_xla {versions.get('torch_xla')} on XLA:CPU", evidence,
        )  # fmt: skip
        add_run(loaded.folder, run)
        print(
            f"{loaded.rule.code} bad: {evidence.bad.xla} {evidence.bad.xla_compiles}; good: {evidence.good.xla} {evidence.good.xla_compiles}"
        )
    return 1 if failed else 0


def _evidence(loaded: LoadedRule, bad: Mapping[str, Any], good: Mapping[str, Any]) -> Evidence:
    for report in (bad, good):
        if "error" in report:
            return Evidence(failure=f"{report['error']['kind']}: {report['error']['message']}")
    cases = [example_case(loaded.folder / name) for name in ("bad.py", "good.py")]
    one, other = (_eager_results(_made(case)) for case in cases)
    difference = _compare("good.py", one, other)
    for name, report in (("bad.py", bad), ("good.py", good)):
        worst = max(call.get("relative", 1.0) for call in report["parity"])
        if worst > xla.TOLERANCE:
            difference = difference or f"{name} on XLA differs from eager by {worst:.1e}"
    return Evidence(_seen(bad), _seen(good), difference, "", str(bad["versions"]["torch"]))


def _seen(report: Mapping[str, Any]) -> Seen:
    calls = report["calls"]
    return Seen(
        graphs=max(call["executions"] for call in calls),
        xla=tuple(sorted({site["line"] for site in report["sites"]})),
        xla_compiles=sum(call["compiles"] for call in calls[report["warmup"] :]),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Prove the XLA rules: run their examples on torch_xla and write proof.json into each rule's folder.

    python benchmarks/xla_rules.py [CODE ...]

Needs `breakcheck setup xla`. The examples run on XLA:CPU, those with a sharding on 8 virtual devices.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from breakcheck.example_run import Evidence, Seen, _compare, _eager_results, _made, example_case
from breakcheck.finding import Effect
from breakcheck.proof import Run, add_run
from breakcheck.registry import LoadedRule, load_rules
from breakcheck.runtime.devices import xla
from breakcheck.runtime.scenario import Scenario
from breakcheck.testing import judge

MESH = "data=2,model=4"  # for examples that declare a sharding, on 8 virtual devices


def main(codes: list[str]) -> int:
    """Write the proofs; 1 when an example does not show its rule's claim."""
    rules = [loaded for loaded in load_rules(()) if loaded.rule.effects == (Effect.XLA,)]
    rules = [loaded for loaded in rules if not codes or loaded.rule.code in codes]
    if not rules:
        print("no rule claims an XLA effect alone", file=sys.stderr)
        return 2
    reports = _reports(rules)
    failed = 0
    for loaded in rules:
        bad, good = reports[loaded.rule.code]
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
        print(f"{loaded.rule.code} bad: {_told(evidence.bad)}; good: {_told(evidence.good)}")
    return 1 if failed else 0


def _reports(rules: Sequence[LoadedRule]) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What the worker counted in the examples of each rule: those with a sharding run in a process with a mesh."""
    found = {}
    for mesh in (None, MESH):
        chosen = [loaded for loaded in rules if _sharded(loaded) is (mesh is not None)]
        targets = [f"{loaded.folder / name}:case" for loaded in chosen for name in ("bad.py", "good.py")]
        if targets:
            reports = xla.observe(targets, "lazy", Scenario("", device="xla", mesh=mesh, timeout_s=3600.0))
            for index, loaded in enumerate(chosen):
                found[loaded.rule.code] = (reports[2 * index], reports[2 * index + 1])
    return found


def _sharded(loaded: LoadedRule) -> bool:
    return example_case(loaded.folder / "bad.py")().sharding is not None


def _told(seen: Seen) -> str:
    return (
        f"lines {seen.xla}, {seen.xla_compiles} programs after warm-up, {seen.xla_collectives} collectives, "
        f"{seen.xla_uploads} bytes sent"
    )


def _evidence(loaded: LoadedRule, bad: Mapping[str, Any], good: Mapping[str, Any]) -> Evidence:
    for report in (bad, good):
        if "error" in report:
            return Evidence(failure=f"{report['error']['kind']}: {report['error']['message']}")
    cases = [example_case(loaded.folder / name) for name in ("bad.py", "good.py")]
    one, other = (_eager_results(_made(case)) for case in cases)
    # Where batches are dropped, good.py makes fewer calls: those that it makes are compared.
    difference = _compare("good.py", one[: len(other)], other)
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
        xla_collectives=sum((report.get("collectives") or {}).values()),
        xla_uploads=calls[-1]["uploads"],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

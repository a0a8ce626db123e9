"""Measure the rules' examples on the torch of any interpreter, and say what changed.

    python benchmarks/matrix.py [--python VENV/bin/python] [--select CODE ...]     a table, and what changed
    python benchmarks/matrix.py --python VENV/bin/python --rules                   also writes proof.json files
    python benchmarks/matrix.py --python VENV/bin/python --write                   stores the column

The interpreter needs torch (2.9 or later), numpy, scipy, einops and click, packaging, rich; this checkout is put
on its path. The stored table is `breakcheck/data/rules_matrix.json`: rule code -> torch version -> what bad.py
showed. Each run also holds the rules to their version ranges: inside one, the whole contract of the examples; beyond
it, that the effect is gone. 1 when a claim does not hold.
`--rules` writes `proof.json` beside the examples of rules whose claim the current interpreter can't show: run it
once with a torch inside their version range and once beyond it. Rules about XLA alone: benchmarks/xla_rules.py.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from tabulate import tabulate

REPOSITORY = Path(__file__).resolve().parents[1]
TABLE = REPOSITORY / "breakcheck" / "data" / "rules_matrix.json"
WORKER = """
import json, sys
from dataclasses import asdict
from breakcheck.example_run import OUTSIDE_ONE_RUN, measure
from breakcheck.proof import add_run, installed, this_run
from breakcheck.registry import load_rules

wanted, prove = set(json.loads(sys.argv[1])), sys.argv[2] == "prove"
for loaded in load_rules():
    rule = loaded.rule
    if (wanted and rule.code not in wanted) or all(effect in OUTSIDE_ONE_RUN for effect in rule.effects):
        continue
    evidence = measure(loaded)
    if prove and rule.code in wanted and not evidence.failure and None not in installed(rule.requires).values():
        add_run(loaded.folder, this_run(rule, evidence))
    print("ROW", json.dumps([rule.code, {**asdict(evidence), "libraries": installed(rule.requires)}]), flush=True)
"""


def measured(python: str, codes: list[str], *, prove: bool = False) -> dict[str, dict[str, object]]:
    """{code: evidence as JSON} of the rules' examples, measured by an interpreter in a process of its own."""
    path = os.pathsep.join(str(REPOSITORY / part) for part in ("", "rules", "reference_models"))
    done = subprocess.run(
        [python, "-c", WORKER, json.dumps(codes), "prove" if prove else "no"],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    rows = [json.loads(line[4:]) for line in done.stdout.splitlines() if line.startswith("ROW ")]
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(
            f"{python} stopped with code {done.returncode} after {len(rows)} rules: {last}", file=sys.stderr
        )
    return dict(rows)


def cell(evidence: dict[str, object]) -> str:
    """One cell of the table: "B GB0124", "ERR", "limit", "r3", "fallback" or "ok"; "not run" with the reason."""
    if evidence["failure"]:
        return "not run"
    bad = evidence["bad"]
    assert isinstance(bad, dict)
    if bad["errors"]:
        return "ERR"
    if bad["breaks"] or bad["elsewhere"]:
        return "B " + " ".join(sorted({gb_id or "?" for _line, gb_id in bad["breaks"]}))
    if bad["limits"]:
        return "limit"
    if bad["fallbacks"]:
        return "fallback"
    return f"r{bad['recompiles']}" if bad["recompiles"] > 1 else "ok"


def broken_claims(rows: dict[str, dict[str, object]]) -> tuple[int, list[list[str]]]:
    """(claims that could be judged, [code, what does not hold] of the others): a rule's range against its examples."""
    from breakcheck.example_run import evidence_from
    from breakcheck.proof import provable_here
    from breakcheck.registry import load_rules
    from breakcheck.testing import judge

    judged, broken = 0, []
    for loaded in load_rules():
        row = rows.get(loaded.rule.code)
        if row is None:
            continue
        if row["failure"]:
            broken.append([loaded.rule.code, str(row["failure"])])
            continue
        judged += 1
        libraries = row["libraries"]
        assert isinstance(libraries, dict)
        problems = list(judge(loaded, evidence_from(row)))
        if provable_here(loaded.rule, str(row["torch"]), libraries):
            broken += [[loaded.rule.code, problem] for problem in problems]
        elif not problems:
            broken.append(
                [loaded.rule.code, f"shows its effect outside {loaded.rule.versions or 'its libraries'}"]
            )
    return judged, broken


def needing_proof() -> list[str]:
    """The codes of rules that this interpreter can't show, by version range or library."""
    from breakcheck.example_run import OUTSIDE_ONE_RUN
    from breakcheck.proof import PROOF_NAME, installed, provable_here
    from breakcheck.registry import load_rules

    codes = []
    for loaded in load_rules():
        versions = installed(("torch", *loaded.rule.requires))
        outside = all(effect in OUTSIDE_ONE_RUN for effect in loaded.rule.effects)
        here = provable_here(loaded.rule, versions["torch"] or "0", versions) or outside
        if not here or ((loaded.folder / PROOF_NAME).is_file() and not outside):
            codes.append(loaded.rule.code)
    return codes


def main() -> int:
    """Print the table and what changed against the stored one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="the interpreter whose torch is measured")
    parser.add_argument("--select", nargs="*", default=[], help="only these codes")
    parser.add_argument("--rules", action="store_true", help="write proof.json for rules not provable here")
    parser.add_argument("--write", action="store_true", help="store the column in the table")
    options = parser.parse_args()
    codes = options.select or (needing_proof() if options.rules else [])
    rows = measured(options.python, codes, prove=options.rules)
    if not rows:
        return 2
    torch_version = next((str(row["torch"]) for row in rows.values() if row["torch"]), "?").split("+")[0]
    stored: dict[str, dict[str, str]] = json.loads(TABLE.read_text()) if TABLE.is_file() else {}
    changed = []
    for code, evidence in rows.items():
        was, now = stored.get(code, {}).get(torch_version), cell(evidence)
        if was != now:
            changed.append([code, was or "not measured", now, str(evidence["failure"])[:80]])
        stored.setdefault(code, {})[torch_version] = now
    print(
        tabulate([[code, cell(evidence)] for code, evidence in rows.items()], headers=["rule", torch_version])
    )
    print(f"\nchanged against {TABLE.name}: {len(changed)} of {len(rows)}")
    if changed:
        print(tabulate(changed, headers=["rule", "was", "now", "why"]))
    judged, broken = broken_claims(rows)
    print(f"\nclaims judged on torch {torch_version}: {judged}; that do not hold: {len(broken)}")
    if broken:
        print(tabulate(broken, headers=["rule", "problem"], maxcolwidths=[None, 150]))
    if options.write:
        lines = [f" {json.dumps(code)}: {json.dumps(stored[code])}" for code in sorted(stored)]
        TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""Findings drawn at random from real packages, with their source, to be judged by hand.

    python benchmarks/draw_findings.py FOLDER [FOLDER ...] [--number 50] [--seed 0] [--context 6]

As many are drawn from each folder, among all that the default settings report. Paths are relative to the folder's
parent; the verdicts of one draw are in benchmarks/results/findings_judged.md.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any


def findings(folder: Path) -> list[dict[str, Any]]:
    """All that `breakcheck lint` reports of a folder, in its order."""
    command = [
        sys.executable,
        "-m",
        "breakcheck",
        "lint",
        "--exit-zero",
        "--output-format",
        "json",
        folder.name,
    ]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    if not document["files"]:
        sys.exit(f"{folder}: no file was linted")
    found: list[dict[str, Any]] = document["findings"]
    return found


def drawn(folders: list[Path], number: int, seed: int) -> list[tuple[Path, dict[str, Any]]]:
    """The findings drawn, as many from each folder."""
    chosen = random.Random(seed)
    out: list[tuple[Path, dict[str, Any]]] = []
    for i, folder in enumerate(folders):
        share = number // len(folders) + (i < number % len(folders))
        found = findings(folder)
        out += [(folder, each) for each in chosen.sample(found, min(share, len(found)))]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--number", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--context", type=int, default=6, help="lines of source before and after")
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.folders]
    for n, (folder, each) in enumerate(drawn(folders, options.number, options.seed), 1):
        print(
            f"\n## {n}. {each['path']}:{each['line']} {each['code']} [{each['confidence']}] {each['symbol']}"
        )
        print(f"{each['message']}\nreached by {' > '.join(each['call_path'])}")
        for note in each["notes"]:
            print(f"note {note}")
        lines = (folder.parent / each["path"]).read_text(encoding="utf-8").splitlines()
        first = max(each["line"] - 1 - options.context, 0)
        for number, line in enumerate(lines[first : each["line"] + options.context], first + 1):
            print(f"{'>' if number == each['line'] else ' '}{number:5} {line}")


if __name__ == "__main__":
    main()

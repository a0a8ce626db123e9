"""The profile by stage knows the analysis it takes apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# A `ruff` that takes no time that a clock of ticks could show.
QUICK = "#!/bin/sh\nexit 0\n"


def test_the_stages_of_a_folder_are_measured(tmp_path: Path) -> None:
    out = tmp_path / "stages.md"
    folder = ROOT / "breakcheck" / "semantic"
    ruff = tmp_path / "ruff"
    ruff.write_text(QUICK)
    ruff.chmod(0o755)
    command = [
        sys.executable,
        "benchmarks/lint_stages.py",
        str(folder),
        "--ruff",
        str(ruff),
        "--out",
        str(out),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    table = out.read_text()
    for stage in ("parse", "rules", "all"):
        assert f"| {stage} " in table

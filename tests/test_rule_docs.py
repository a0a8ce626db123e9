"""docs/rules is what the rules say of themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "generate_rules.py"


def test_the_pages_of_the_rules_are_current() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, f"run `python docs/generate_rules.py`\n{done.stdout}{done.stderr}"

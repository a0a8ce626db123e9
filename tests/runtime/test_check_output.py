"""`check --html`, `--output-format` and `--since`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

CASES = """
import torch
from breakcheck import Case

def broken(x):
    x = x * 2
    print("seen")
    return x + 1

def case():
    return Case(broken, calls=[(torch.ones(3),)])
"""
QUICK = ("--backend", "eager", "--only", "breaks,recompiles")


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "cases.py").write_text(CASES, encoding="utf-8")
    command = [sys.executable, "-m", "breakcheck", "check", *QUICK, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_a_page_and_annotations_come_from_one_run_and_the_summary_leaves_their_stream(tmp_path: Path) -> None:
    done = check(
        tmp_path, "cases.py", "--html", "page.html", "--json", "now.json", "--output-format", "github"
    )
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=cases.py,line=7,title=breakcheck BC301 print-call (GB0059)::")
    assert len(done.stdout.splitlines()) == 1
    assert "1 target fails" in done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<div class="ln broke" title="the graph ends here"><span class="lno">7</span>' in page

    later = check(
        tmp_path, "cases.py", "--since", "now.json", "--html", "page.html", "--output-format", "junit"
    )
    suite = ElementTree.fromstring(later.stdout).find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "1"
    assert "as before" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--since", "missing.json"), "--since missing.json: not the JSON of a check: FileNotFoundError"),
        (("--json", "-", "--output-format", "junit"), "both want standard output"),
        (("--html", "no/such/folder/page.html"), "--html no/such/folder/page.html: no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_before_anything_runs(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = check(tmp_path, "cases.py", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1

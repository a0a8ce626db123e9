"""Runs the Markdown files beside it: what the analysis says of an expression is what the page says.

A section is one project: each Python block is a file (named by a line `# file: name.py`, else `main.py`). In it,
`reveal(x)  # revealed: tensor` states a value, `# callee: name` a call's callee on its line, `# dead` a line that
must not be reached, `# live` one that must.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from breakcheck.semantic.describe import describe
from breakcheck.semantic.engine import AnalysisError, FileFacts, analyze

PAGES = sorted(Path(__file__).parent.glob("*.md"))
NOTE = re.compile(r"#\s*(revealed|callee):\s*(.+?)\s*$|#\s*(dead|live)\s*$")


@dataclass
class Section:
    """A heading with the files under it."""

    title: str
    files: dict[str, str] = field(default_factory=dict)


def sections(page: Path) -> list[Section]:
    """The sections of a page that hold Python."""
    out: list[Section] = []
    block: list[str] | None = None
    for line in page.read_text(encoding="utf-8").splitlines():
        if block is not None:
            if line.startswith("```"):
                text = "\n".join(block) + "\n"
                named = re.match(r"# file: (\S+)", text)
                out[-1].files[named.group(1) if named else "main.py"] = text
                block = None
            else:
                block.append(line)
        elif line.startswith("```python"):
            block = []
        elif line.startswith("#"):
            out.append(Section(f"{page.stem}: {line.strip('# ')}"))
    return [section for section in out if section.files]


CASES = [section for page in PAGES for section in sections(page)]


def observed(facts: FileFacts) -> tuple[dict[int, set[str]], dict[int, set[str]], set[int]]:
    """Line -> revealed values, line -> callees, and the lines of live nodes."""
    revealed: dict[int, set[str]] = {}
    callees: dict[int, set[str]] = {}
    for call, callee in facts.calls():
        if isinstance(call.func, ast.Name) and call.func.id == "reveal":
            revealed.setdefault(call.lineno, set()).add(describe(facts.value(call.args[0])))
        else:
            name = ("~" if callee.assumed else "") + (callee.name or "unknown")
            callees.setdefault(call.lineno, set()).add(name)
    live = {node.lineno for node in facts.nodes(ast.stmt)}  # type: ignore[attr-defined]
    return revealed, callees, live


Observed = tuple[dict[int, set[str]], dict[int, set[str]], set[int]]


def both(known: Observed, more: Observed) -> Observed:
    """What was seen of a file in two goes."""
    for table, further in zip(known[:2], more[:2], strict=True):
        for line, found in further.items():
            table.setdefault(line, set()).update(found)
    return known[0], known[1], known[2] | more[2]


@pytest.mark.parametrize("section", CASES, ids=lambda section: section.title)
def test_analysis_says_what_the_page_says(section: Section, tmp_path: Path) -> None:
    paths = []
    for name, text in section.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    wrong = []
    for path, answer in analyze(paths, visit=observed, merge=both).answers.items():
        assert not isinstance(answer, AnalysisError), answer
        revealed, callees, live = answer
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            note = NOTE.search(line)
            if note is None:
                continue
            what, expected, state = note.groups()
            if state is not None:
                if (number in live) != (state == "live"):
                    wrong.append(f"{path.name}:{number}: is {'live' if number in live else 'dead'}")
                continue
            found = (revealed if what == "revealed" else callees).get(number, set())
            if expected not in found:
                wrong.append(f"{path.name}:{number}: {what} {sorted(found)}, the page says {expected!r}")
    assert not wrong, "\n".join(wrong)

"""Colours of the terminal report, for terminals only."""

from __future__ import annotations

import re

_HEAD = re.compile(r"^\S+:\d+: \S+.*\[.*\]$")


def paint(text: str) -> str:
    """The report with ANSI styles; as it is where the terminal wants none (NO_COLOR)."""
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    if console.no_color or console.color_system is None:
        return text
    with console.capture() as capture:
        for line in text.splitlines():
            console.print(Text(line, style=_style(line)))
    return capture.get().rstrip("\n")


def _style(line: str) -> str:
    stripped = line.strip()
    for start, style in (
        ("FAIL", "bold red"),
        ("pass", "green"),
        ("inconclusive", "yellow"),
        ("not checked", "dim"),
    ):
        if stripped.startswith(start + " ") and line.startswith("  "):
            return style
    if _HEAD.match(line):
        return "bold"
    if stripped.startswith("= help:"):
        return "green"
    return "blue" if stripped.startswith("= ") else ""

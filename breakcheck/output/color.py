"""Colour for reports meant for people: on a terminal only, and not under NO_COLOR (no-color.org)."""

from __future__ import annotations

import re
import sys

_HEADLINE = re.compile(r"^(?P<place>[^\s:][^:]*:\d+:\d+:) (?P<code>[A-Z]+\d+)(?P<star> \[\*\])?(?P<rest>.*)$")


def paint(text: str) -> str:
    """The text with ANSI styles when standard output is a terminal that wants them, else as it is."""
    if not sys.stdout.isatty():
        return text
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    if console.no_color or console.color_system is None:
        return text
    with console.capture() as capture:
        for line in text.splitlines():
            console.print(_styled(line, Text))
    return capture.get().rstrip("\n")


def _styled(line: str, make: type) -> object:
    match = _HEADLINE.match(line)
    if match is not None:
        styled = make(match["place"], style="bold")
        styled.append(f" {match['code']}", style="bold red")
        styled.append(match["star"] or "", style="cyan")
        styled.append(match["rest"], style="")
        return styled
    stripped = line.lstrip()
    if stripped.startswith(("= note:", "= confidence:")):
        return make(line, style="blue")
    if stripped.startswith("= help:"):
        return make(line, style="green")
    if stripped.startswith("|") and set(stripped[1:].strip()) == {"^"}:
        return make(line, style="red")
    return make(line)

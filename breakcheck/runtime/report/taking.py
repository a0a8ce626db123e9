"""What the renderers take: a report, the JSON of one, or several of either."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from breakcheck.runtime.report_data import Report

Reports = Report | Mapping[str, Any] | Sequence[Report | Mapping[str, Any]]
FREE = ("allowed", "baseline", "waived")
_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def as_reports(value: Reports) -> list[Report]:
    """The reports of a value, in order; `check --json` writes several under the key "reports"."""
    if isinstance(value, Report):
        return [value]
    if isinstance(value, Mapping):
        if "reports" in value:
            return [Report.from_dict(item) for item in value["reports"]]
        return [Report.from_dict(value)]
    return [item if isinstance(item, Report) else Report.from_dict(item) for item in value]


def visible(text: object) -> str:
    """The text with characters that act instead of show (controls, bidirectional marks) written out as "<U+202E>"."""
    return "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c) in _CATEGORIES and c not in "\t\n" else c
        for c in str(text)
    )


def one_line(text: object, limit: int = 400) -> str:
    """The text on one line, cut at a limit."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def found_file(shown: str) -> Path | None:
    """The Python file behind a path as reports show it (from the working directory or a library folder), else None."""
    import sys

    if not shown.endswith(".py"):
        return None
    for folder in ("", *sys.path):
        path = Path(folder) / shown
        if path.is_file():
            return path
    return None


def rule_label(site: Mapping[str, Any]) -> str:
    """The rule of a site: its code, "BC101 or BC102", or "BC000" for a break no rule knows."""
    if site.get("rule"):
        return str(site["rule"])
    candidates = [str(code) for code in site.get("rule_candidates") or ()]
    if not candidates:
        return "BC000"
    return " or ".join(candidates[:3]) + (f" or {len(candidates) - 3} more" if len(candidates) > 3 else "")

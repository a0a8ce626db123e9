"""What the renderers take: a report, the JSON of one, or several of either."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breakcheck.runtime.report_data import FREE, Report

Reports = Report | Mapping[str, Any] | Sequence[Report | Mapping[str, Any]]
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


def shown_path(file: str) -> str:
    """The path from the working directory where it lies below it, else as it is."""
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return file


def frames_to_show(site: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The user stack of a site, outermost first, without torch's frames and those of the interpreter itself."""
    return [
        frame
        for frame in site.get("user_stack", ())
        if "/torch/" not in f"/{frame['file']}" and not str(frame["file"]).startswith("<frozen ")
    ]


def hidden_lines(site: Mapping[str, Any]) -> str:
    """What a skipped frame hides: "lines 3-9", with the function and its file where a caller of the site was skipped."""
    first, last = site["hides"]
    text = f"lines {first}-{last}"
    if site.get("hides_function", site["function"]) == site["function"]:
        return text
    return f"{text} of `{site['hides_function']}` in {site['hides_file']}"


def rule_label(site: Mapping[str, Any]) -> str:
    """The rule of a site: its code, "BC101 or BC102", "one of 8 rules", or "BC000" for a break no rule knows."""
    if site.get("rule"):
        return str(site["rule"])
    candidates = [str(code) for code in site.get("rule_candidates") or ()]
    if not candidates:
        return "BC000"
    return " or ".join(candidates) if len(candidates) < 4 else f"one of {len(candidates)} rules"


@dataclass(frozen=True)
class Again:
    """Recompiles of one function for one reason: the first of them, the calls they fell into, all their guards."""

    site: Mapping[str, Any]
    calls: tuple[int, ...]
    guards: tuple[str, ...]

    @property
    def line(self) -> int:
        """The line the guard names, else the function's."""
        return int(self.site.get("source_line") or self.site["line"])

    @property
    def what(self) -> str:
        """What changed and when, in words."""
        subject = f" of {self.site['subject']}" if self.site.get("subject") else ""
        calls = f"call{'s' if len(self.calls) > 1 else ''} {', '.join(map(str, self.calls))}"
        return f"compiled again in {calls}: {self.site['class']}{subject} changed"


def recompile_causes(sites: Iterable[Mapping[str, Any]]) -> list[Again]:
    """The recompiles after warm-up that count, those of one function, line, class and value together."""
    grouped: dict[tuple[object, ...], list[Mapping[str, Any]]] = {}
    for site in sites:
        if site["measured"] and site.get("status", "new") not in FREE:
            line = site.get("source_line") or site["line"]
            grouped.setdefault((site["file"], line, site["class"], site["subject"]), []).append(site)
    return [
        Again(
            group[0],
            tuple(dict.fromkeys(int(site["call"]) for site in group)),
            tuple(dict.fromkeys(str(site["guard"]) for site in group)),
        )
        for group in grouped.values()
    ]

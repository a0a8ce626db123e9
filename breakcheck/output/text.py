"""Formats for people: `full` (with source), `concise` (one line each), `markdown` (for a pull request)."""

from __future__ import annotations

from collections.abc import Sequence

from breakcheck.finding import Finding
from breakcheck.result import LintResult
from breakcheck.spans import source_lines

_CONTEXT = 1  # source lines shown above and below a finding
_MAX_SPAN = 4  # lines of a finding shown before it is cut


def headline(finding: Finding) -> str:
    """`path:line:column: CODE [*] message`; the star says that `--fix` can mend it."""
    star = "[*] " if finding.fix and finding.fix.applicability.value == "safe" else ""
    place = finding.location
    return f"{place.path}:{place.line}:{place.column}: {finding.code} {star}{finding.message}"


def summary(result: LintResult) -> str:
    """The closing lines: how many, what can be fixed, what was left out, which torch was meant."""
    count = len(result.findings)
    files = f"{result.files} file{'s' if result.files != 1 else ''}"
    head = (
        f"Found {count} problem{'s' if count != 1 else ''} in {files}" if count else f"No problems in {files}"
    )
    lines = [f"{head} (torch {result.target_torch}, from {result.target_source})."]
    if result.fixable:
        lines.append(f"[*] {result.fixable} fixable with `--fix`.")
    left_out = [
        f"{number} {what}"
        for number, what in (
            (result.suppressed, "suppressed by comments"),
            (result.known, "known to the baseline"),
        )
        if number
    ]
    if left_out:
        lines.append(f"Not shown: {', '.join(left_out)}.")
    if result.unused_baseline:
        lines.append(
            f"The baseline can shrink: {result.unused_baseline} of its entries match nothing any more "
            "(`--update-baseline`)."
        )
    return "\n".join(lines)


def concise(result: LintResult) -> str:
    """One line a finding and a summary."""
    return "\n".join([*(headline(finding) for finding in result.findings), summary(result)])


def full(result: LintResult) -> str:
    """Each finding with its source, what it rests on, and what to write instead."""
    sources = {path: source_lines(text) for path, text in result.sources.items()}
    blocks = [_block(finding, sources.get(finding.location.path, [])) for finding in result.findings]
    return "\n".join([*blocks, summary(result)])


def _block(finding: Finding, source: Sequence[str]) -> str:
    place = finding.location
    width = len(str(place.end_line + _CONTEXT))
    lines = [headline(finding)]
    if source:
        last = min(place.end_line, place.line + _MAX_SPAN - 1)
        lines.append(f"{'':>{width}} |")
        for number in range(max(1, place.line - _CONTEXT), min(len(source), last + _CONTEXT) + 1):
            text = source[number - 1].rstrip("\r\n")
            lines.append(f"{number:>{width}} | {text}".rstrip())
            if number == place.line:
                end = place.end_column if place.end_line == place.line else len(text) + 1
                marker = "^" * max(1, end - place.column)
                lines.append(f"{'':>{width}} | {' ' * (place.column - 1)}{marker}")
        lines.append(f"{'':>{width}} |")
    notes = [
        f"{note.path}:{note.line}: {note.message}" if note.line else note.message for note in finding.notes
    ]
    if len(finding.call_path) > 1:
        notes.append("reached by " + " -> ".join(finding.call_path))
    lines += [f"{'':>{width}} = note: {note}" for note in notes]
    if finding.suggestion:
        lines.append(f"{'':>{width}} = help: {finding.suggestion}")
    if finding.confidence.value == "likely":
        lines.append(f"{'':>{width}} = confidence: likely (a fact above is assumed)")
    return "\n".join([*lines, ""])


def statistics(result: LintResult) -> str:
    """A table of rules by number of findings."""
    from tabulate import tabulate

    rows = [[count, code, name] for (code, name), count in result.counts.most_common()]
    return tabulate(rows, headers=["count", "code", "rule"], tablefmt="simple")


def markdown(result: LintResult) -> str:
    """A table for a pull request's comment."""
    from tabulate import tabulate

    rows = [
        [
            f"{finding.location.path}:{finding.location.line}",
            f"[{finding.code}]({finding.url})" if finding.url else finding.code,
            finding.message.replace("|", "\\|"),
            finding.suggestion.replace("|", "\\|"),
        ]
        for finding in result.findings
    ]
    table = tabulate(rows, headers=["where", "rule", "what", "instead"], tablefmt="github") if rows else ""
    return "\n\n".join(part for part in ("### breakcheck lint", table, summary(result)) if part)

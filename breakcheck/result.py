"""What one run of the linter comes to, as plain data for the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from breakcheck.finding import Confidence, Finding, Location
from breakcheck.semantic.cache import Signature


@dataclass(frozen=True)
class FileError:
    """A file that could not be linted: one line says why."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class FileReport:
    """One file's findings, before the options of the output: what the cache keeps. suppressed: those silenced."""

    findings: tuple[Finding, ...]
    suppressed: frozenset[tuple[str, Location]]


def merged(known: FileReport, more: FileReport) -> FileReport:
    """The report of a file seen in two goes: of a finding made in both, the more certain one, behind no other if once so."""
    found = {(finding.code, finding.location): finding for finding in known.findings}
    for finding in more.findings:
        key = (finding.code, finding.location)
        if key not in found:
            found[key] = finding
            continue
        before = found[key]
        likely = before.confidence is Confidence.LIKELY
        best = finding if likely and finding.confidence is Confidence.CERTAIN else before
        hidden = best.behind if None not in (before.behind, finding.behind) else None
        found[key] = replace(best, behind=hidden, fix=before.fix)
    ordered = sorted(found.values(), key=lambda f: (f.location, f.code))
    return FileReport(tuple(ordered), known.suppressed | more.suppressed)


@dataclass(frozen=True)
class LintResult:
    """Findings in order of path and place, the files that failed, and what was left out.

    silenced: rule and place of the findings that comments suppress. known: findings the baseline already holds. unused_baseline: entries
    of the baseline that no finding matches any more. read: the files, libraries' too, that were read, each with what told
    its content apart then, if known.
    """

    findings: tuple[Finding, ...]
    errors: tuple[FileError, ...] = ()
    files: int = 0
    target_torch: str = ""
    target_source: str = ""
    silenced: tuple[tuple[str, Location], ...] = ()
    known: int = 0
    unused_baseline: int = 0
    sources: dict[str, str] = field(default_factory=dict, repr=False)
    read: Mapping[str, Signature | None] = field(default_factory=dict, repr=False)

    @property
    def suppressed(self) -> int:
        """How many findings comments suppress."""
        return len(self.silenced)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """(code, name) -> number of findings."""
        return Counter((finding.code, finding.name) for finding in self.findings)

    @property
    def fixable(self) -> int:
        """How many findings carry a safe fix."""
        return sum(
            1 for finding in self.findings if finding.fix and finding.fix.applicability.value == "safe"
        )

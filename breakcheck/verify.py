"""Fixes that a run confirms: an edit stays only if its break is gone and the outputs are the same on the same weights.

Sits above both halves: edits come from the linter, the evidence from `breakcheck.runtime.replay` in subprocesses.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from breakcheck.errors import BreakcheckError
from breakcheck.files import display_path, read_source, write_source
from breakcheck.finding import Applicability, Finding, Fix
from breakcheck.fixer import apply_edits
from breakcheck.linter import lint
from breakcheck.options import Options

Site = tuple[str, str, str]  # path, function, source line without its spacing


@dataclass(frozen=True)
class Verified:
    """What became of the fixes: texts of the files with those that hold, and one line for each taken back."""

    texts: dict[Path, str]
    kept: tuple[Finding, ...]
    taken_back: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    finding: Finding
    path: Path
    fix: Fix


class Verifier:
    """Replays one target on versions of the files."""

    def __init__(self, target: str, timeout: float, folder: Path) -> None:
        self.target = target
        self.timeout = timeout
        self.folder = folder
        self._runs = 0
        self.before = self._replay()
        if self.before is None:
            raise BreakcheckError(f"--verify {target}: it does not run as it is: {self.why}")

    def _replay(self) -> Path | None:
        """The folder of one run, None when it failed (`why` says how)."""
        self._runs += 1
        out = self.folder / f"run{self._runs}"
        out.mkdir()
        command = [sys.executable, "-m", "breakcheck.runtime.replay", "replay", self.target, str(out)]
        state = self.folder / "run1" / "state.pt"
        if self._runs > 1 and state.exists():
            command.append(str(state))
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self.timeout)
        except subprocess.TimeoutExpired:
            self.why = f"it did not end within {self.timeout:g} s"
            return None
        self.why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return out if done.returncode == 0 else None

    def sites(self, run: Path) -> dict[Site, set[tuple[str, int]]]:
        """The break sites of a run, with the places (path, line) they were seen at."""
        found: dict[Site, set[tuple[str, int]]] = {}
        for entry in json.loads((run / "sites.json").read_text(encoding="utf-8")):
            key = (entry["path"], entry["function"], entry["source"])
            found.setdefault(key, set()).add((entry["path"], entry["line"]))
        return found

    def reached(self, candidate: _Candidate) -> set[Site]:
        """The sites of the first run that stand inside a finding's lines."""
        assert self.before is not None
        place = candidate.finding.location
        return {
            site
            for site, places in self.sites(self.before).items()
            for path, line in places
            if Path(path).resolve() == candidate.path.resolve() and place.line <= line <= place.end_line
        }

    def objection(self, candidates: Sequence[_Candidate]) -> str:
        """Why the edits now on disk do not hold, empty when they do."""
        assert self.before is not None
        after = self._replay()
        if after is None:
            return f"the target fails with it: {self.why}"
        command = [sys.executable, "-m", "breakcheck.runtime.replay", "compare", str(self.before), str(after)]
        compared = subprocess.run(command, capture_output=True, text=True, timeout=self.timeout)
        if compared.returncode:
            return compared.stdout.strip() or compared.stderr.strip().splitlines()[-1]
        left = set(self.sites(after))
        if any(site in left for candidate in candidates for site in self.reached(candidate)):
            return "the break is still there"
        new = left - set(self.sites(self.before))
        # A line that moved to another source text is not the same site; its file and function must be known.
        known = {site[:2] for site in self.sites(self.before)}
        if any(site[:2] not in known for site in new):
            return "another break appears"
        return ""


def verified_fixes(
    files: Sequence[Path], options: Options, *, unsafe: bool, target: str, timeout: float
) -> Verified:
    """The fixes of the files that hold under TARGET; the files themselves are as they were when it returns.

    All fixes are tried together first, then, where that does not hold, one by one. Raises BreakcheckError when the
    target does not run before any edit.
    """
    allowed = (Applicability.SAFE, Applicability.UNSAFE) if unsafe else (Applicability.SAFE,)
    by_name = {display_path(path): path for path in files}
    candidates = [
        _Candidate(finding, by_name[finding.location.path], finding.fix)
        for finding in lint(files, options).findings
        if finding.fix is not None and finding.fix.applicability in allowed
    ]
    originals = {candidate.path: read_source(candidate.path) for candidate in candidates}
    with tempfile.TemporaryDirectory(prefix="breakcheck-verify-") as scratch, _restored(originals):
        verifier = Verifier(target, timeout, Path(scratch))
        unseen = [candidate for candidate in candidates if not verifier.reached(candidate)]
        held = [candidate for candidate in candidates if candidate not in unseen]
        taken_back = [f"{_where(c)} not applied: the target does not break there" for c in unseen]
        if held and _try(verifier, held, originals):
            kept: list[_Candidate] = []
            for candidate in held:
                reason = _try(verifier, [*kept, candidate], originals)
                if reason:
                    taken_back.append(f"{_where(candidate)} taken back: {reason}")
                else:
                    kept.append(candidate)
            held = kept
        return Verified(_texts(held, originals), tuple(c.finding for c in held), tuple(taken_back))


def _try(verifier: Verifier, candidates: Sequence[_Candidate], originals: dict[Path, str]) -> str:
    for path, text in {**originals, **_texts(candidates, originals)}.items():
        write_source(path, text)
    return verifier.objection(candidates)


def _texts(candidates: Iterable[_Candidate], originals: dict[Path, str]) -> dict[Path, str]:
    fixes: dict[Path, list[Fix]] = {}
    for candidate in candidates:
        fixes.setdefault(candidate.path, []).append(candidate.fix)
    return {path: apply_edits(originals[path], found)[0] for path, found in fixes.items()}


def _where(candidate: _Candidate) -> str:
    place = candidate.finding.location
    return f"{place.path}:{place.line}: {candidate.finding.code} {candidate.fix.message}:"


@contextmanager
def _restored(originals: dict[Path, str]) -> Iterator[None]:
    """The files as they were, whatever happens inside."""
    try:
        yield
    finally:
        for path, text in originals.items():
            if read_source(path) != text:
                write_source(path, text)

"""Files to a result, findings to edits."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from breakcheck._version import __version__
from breakcheck.errors import BreakcheckError
from breakcheck.file_linter import FileLinter
from breakcheck.files import display_path, library_path, read_source
from breakcheck.finding import Applicability, Confidence, Finding, Location
from breakcheck.options import Options
from breakcheck.recall import own_sources
from breakcheck.result import FileError, LintResult, merged
from breakcheck.semantic.engine import AnalysisError, analyze
from breakcheck.semantic.workers import WorkerDied

MAX_FIX_ROUNDS = 10  # a fix may uncover another; a loop that never settles is a bug in a rule


def salt(options: Options) -> str:
    """A hash of all that findings depend on beside the sources: this version, the rules and the options."""
    digest = hashlib.sha256(f"{__version__}\0{sys.version_info[:2]}\0{own_sources()}".encode())
    for loaded in options.rules():
        for path in (loaded.folder / "rule.py", loaded.folder / "fix.py"):
            if path.is_file():
                digest.update(path.read_bytes())
    shown = replace(options, jobs=1, use_cache=True, root=Path())
    digest.update(repr(shown).encode())
    return digest.hexdigest()


def lint(files: Sequence[Path], options: Options, *, overrides: dict[Path, str] | None = None) -> LintResult:
    """The findings of the files, in order of path and place.

    overrides: text to read instead of a file's (standard input, a file about to be fixed).
    """
    findings: list[Finding] = []
    errors: list[FileError] = []
    silenced: list[tuple[str, Location]] = []
    try:
        analysed = analyze(
            files,
            visit=FileLinter(options),
            merge=merged,
            prepare=lambda: import_module("breakcheck.fixer"),
            search_path=library_path(options.search_path, options.root),
            roots=options.roots,
            jobs=options.jobs,
            salt=salt(options) if options.use_cache else "",
            source_override=overrides or {},
        )
    except WorkerDied as error:
        advice = "; `--jobs 1` needs the least" if options.jobs > 1 else ""
        raise BreakcheckError(f"{error}, most likely for want of memory{advice}") from error
    for path, answer in analysed.answers.items():
        if isinstance(answer, AnalysisError):
            errors.append(FileError(display_path(path), answer.line, answer.message))
            continue
        silenced += sorted(answer.suppressed)
        findings += [finding for finding in answer.findings if _wanted(finding, path, options)]
    return LintResult(
        findings=tuple(sorted(findings, key=lambda f: (f.location, f.code))),
        errors=tuple(sorted(errors, key=lambda e: (e.path, e.line))),
        files=len(files),
        target_torch=options.environment.label,
        target_source=options.environment.source,
        silenced=tuple(silenced),
        sources={display_path(path): text for path, text in (overrides or {}).items()},
        read=analysed.read,
    )


def _wanted(finding: Finding, path: Path, options: Options) -> bool:
    if options.min_confidence is Confidence.CERTAIN and finding.confidence is not Confidence.CERTAIN:
        return False
    return not any(
        _path_matches(path, pattern, options.root)
        and any(finding.code.startswith(code.upper()) or finding.name == code for code in codes)
        for pattern, codes in options.per_file_ignores.items()
    )


def _path_matches(path: Path, pattern: str, root: Path) -> bool:
    from pathspec import GitIgnoreSpec

    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return GitIgnoreSpec.from_lines([pattern]).match_file(relative)


def fix_files(
    files: Sequence[Path], options: Options, *, unsafe: bool
) -> tuple[dict[Path, tuple[str, str]], int, tuple[FileError, ...]]:
    """({path: (text before, text after)} of the files that fixes change, number of fixes, errors); writes nothing.

    Fixes that overlap wait for the next round; rounds end when nothing changes any more. A file whose fixes would leave
    a syntax error is an error, and keeps what the rounds before made of it.
    """
    from breakcheck.fixer import apply_edits

    allowed = (Applicability.SAFE, Applicability.UNSAFE) if unsafe else (Applicability.SAFE,)
    changed: dict[Path, tuple[str, str]] = {}
    errors: list[FileError] = []
    total = 0
    pending = list(files)
    for _round in range(MAX_FIX_ROUNDS):
        overrides = {path: after for path, (_before, after) in changed.items()}
        result = lint(
            pending, replace(options, use_cache=options.use_cache and not overrides), overrides=overrides
        )
        by_path: dict[str, list[Finding]] = {}
        for finding in result.findings:
            if finding.fix is not None and finding.fix.applicability in allowed:
                by_path.setdefault(finding.location.path, []).append(finding)
        next_round = []
        for path in pending:
            fixes = [finding.fix for finding in by_path.get(display_path(path), []) if finding.fix]
            if not fixes:
                continue
            before = changed[path][1] if path in changed else read_source(path)
            after, applied = apply_edits(before, fixes)
            if not applied or after == before:
                continue
            broken = _syntax_error(after, path)
            if broken is not None:
                errors.append(broken)
            else:
                changed[path] = (changed[path][0] if path in changed else before, after)
                total += applied
                next_round.append(path)
        if not next_round:
            break
        pending = next_round
    return changed, total, tuple(errors)


def _syntax_error(text: str, path: Path) -> FileError | None:
    """What is wrong with the edited text, None when it still compiles."""
    try:
        compile(text, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        message = "a fix would leave a syntax error here; the file was not fixed"
        return FileError(display_path(path), error.lineno or 1, message)
    return None

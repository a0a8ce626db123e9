"""Whole results of earlier runs: what an unchanged project needs, found before a rule or the analysis is loaded.

A result is recalled when the flags, the configuration, the requirements, the installed packages, the rules and every
file that was read are what they were. One file a kind of run, written whole and put in place at once; one that cannot
be read is none.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from breakcheck._version import __version__
from breakcheck.config import Config
from breakcheck.files import library_path
from breakcheck.result import LintResult
from breakcheck.semantic.cache import cache_folder, forget_old, load, signatures_of, store, unchanged

KEPT = 32  # results that stay


def _changed(path: Path) -> tuple[str, int, int]:
    """A file's or folder's name, time of change in ns and size; zeros when it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return (str(path), 0, 0)
    return (str(path), status.st_mtime_ns, status.st_size)


def own_sources() -> list[tuple[str, int, int]]:
    """What tells this linter's code from an edited one of the same version."""
    here = Path(__file__).parent
    return [_changed(path) for folder in (here, here / "semantic") for path in sorted(folder.glob("*.py"))]


def _rule_files(folders: Iterable[Path]) -> list[str]:
    return [str(folder / name) for folder in folders for name in ("rule.py", "fix.py")]


class Recall:
    """The place of one run's result: of these flags, this configuration and these files."""

    def __init__(self, config: Config, flags: Mapping[str, object], files: Sequence[Path]) -> None:
        requirements = [config.root / "pyproject.toml", *sorted(config.root.glob("requirements*.txt"))]
        # A package that is installed or removed changes the folder that it lies in. `python -m` puts the working folder
        # in front, which every written file changes.
        here = Path.cwd()
        path = [Path(entry) for entry in sys.path if entry and Path(entry) != here]
        installed = dict.fromkeys([*path, *library_path(config.search_path, config.root)])
        parts = (
            __version__, sys.version_info, str(here), config, sorted(flags.items(), key=lambda item: item[0]),
            [_changed(path) for path in (*requirements, *installed)], own_sources(), [str(path) for path in files],
        )  # fmt: skip
        digest = hashlib.blake2b(repr(parts).encode("utf-8", "surrogateescape"), digest_size=16)
        self.path = cache_folder() / f"{digest.hexdigest()}.result"

    def result(self) -> LintResult | None:
        """The kept result when nothing that it depends on has changed."""
        stored = load(self.path)
        if not isinstance(stored, tuple) or len(stored) != 3:
            return None
        files, folders, result = stored
        if any(_changed(Path(name)) != known for name, known in folders.items()):
            return None
        return result if all(unchanged(path, known) for path, known in files.items()) else None

    def keep(self, result: LintResult, rule_folders: Sequence[Path]) -> None:
        """Keep a result made by the rules of these folders; where that fails, the next run analyses again.

        One with errors is not kept: what a file's reading failed for need not show in the file.
        """
        if result.errors:
            return
        files = signatures_of({**result.read, **dict.fromkeys(_rule_files(rule_folders))})
        # A rule that is added changes the folder that the rules lie in.
        folders = {str(parent): _changed(parent) for parent in sorted({f.parent for f in rule_folders})}
        if store(self.path, (files, folders, replace(result, read={}))):
            forget_old(self.path.parent, "*.result", KEPT)

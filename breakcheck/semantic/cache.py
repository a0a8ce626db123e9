"""Outcomes of earlier runs, by content: kept beside the user's other caches, valid while no file they looked at changed.

With them only what changed, and what depends on it, is analysed again. A file is written whole and put in place at
once, so that a killed run or two at a time leave one run's or the other's. One that cannot be read is a cache that is
not there.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breakcheck.semantic.analysis import Outcome
    from breakcheck.semantic.contexts import Context

KEPT_RUNS = 16  # sets of files whose outcomes stay
Signature = tuple[int, int, str]  # time of change in ns, size, hash of the content


def cache_folder() -> Path:
    """Where answers are kept: $BREAKCHECK_CACHE_DIR, else the user's cache folder."""
    given = os.environ.get("BREAKCHECK_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "breakcheck"


def signed(status: os.stat_result, data: bytes) -> Signature:
    """The signature of a file with this content."""
    return (status.st_mtime_ns, status.st_size, hashlib.blake2b(data, digest_size=16).hexdigest())


def content_hash(path: str) -> str:
    """A hash of a file's bytes, "" when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return signed(os.fstat(file.fileno()), file.read())[2]
    except OSError:
        return ""


def signature(path: str) -> Signature:
    """What tells a file's contents apart."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0, "")
    return (status.st_mtime_ns, status.st_size, _hash_as_of(path, status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=8192)
def _hash_as_of(path: str, _time: int, _size: int) -> str:
    """The content's hash of a file changed last at a time: two caches are written at the end of a run."""
    return content_hash(path)


def unchanged(path: str, known: Signature) -> bool:
    """Whether a file is as it was: by its times and size, else by its content."""
    try:
        status = os.stat(path)
    except OSError:
        return not known[2]
    if (status.st_mtime_ns, status.st_size) == known[:2]:
        return True
    return status.st_size == known[1] and content_hash(path) == known[2]


def files_read(
    listed: Mapping[str, Path], outcomes: Mapping[Path, Outcome[Any]]
) -> dict[str, Signature | None]:
    """Every file that outcomes rest on, with its signature where that was taken when it was read."""
    found: dict[str, Signature | None] = dict.fromkeys(
        name for outcome in outcomes.values() for name in outcome.used
    )
    for name, path in listed.items():
        found[name] = outcomes[path].signature
        shown = os.path.abspath(path)
        if shown != name:
            found[shown] = None  # through links, which may come to lead to another file
    return found


def signatures_of(read: Mapping[str, Signature | None]) -> dict[str, Signature]:
    """The signatures of files, taken now where they were not when the file was read."""
    return {name: known or signature(name) for name, known in sorted(read.items())}


class Store:
    """The stored outcomes of one set of files, settings and rules."""

    def __init__(self, folder: Path, salts: Sequence[str], listed: Mapping[str, Path]) -> None:
        digest = hashlib.blake2b(digest_size=16)
        for part in (*salts, *listed, *(str(path) for path in listed.values()), str(Path.cwd())):
            digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
        self.listed = listed
        self.path = folder / f"{digest.hexdigest()}.state"

    def outcomes(self) -> dict[Path, Outcome[Any]]:
        """The outcomes that still hold: those of files that, like all they looked at, have not changed."""
        from breakcheck.semantic.analysis import AnalysisError

        stored = load(self.path)
        if not isinstance(stored, tuple) or len(stored) != 3:
            return {}
        signatures, contexts, outcomes = stored
        stale = {path for path, known in signatures.items() if not unchanged(path, known)}
        out: dict[Path, Outcome[Any]] = {}
        for name, path in self.listed.items():
            if name in stale or path not in outcomes:
                continue
            outcome, generations, places = outcomes[path]
            if isinstance(outcome.answer, AnalysisError) or stale & set(outcome.used):
                continue
            left = [contexts[place] for place in places]
            out[path] = replace(outcome, leaving=tuple(zip(generations, left, strict=True)))
        return out

    def save(self, outcomes: Mapping[Path, Outcome[Any]], read: Mapping[str, Signature | None]) -> None:
        """Keep a run's outcomes, which rest on the files `read`; where that fails, the next run analyses again."""
        contexts: list[Context] = []
        places: dict[Hashable, int] = {}
        slim: dict[Path, tuple[Outcome[Any], tuple[int, ...], tuple[int, ...]]] = {}
        for path, outcome in outcomes.items():
            generations, kept = [], []
            for generation, context in outcome.leaving:
                if context.path not in self.listed:
                    continue
                # The same call by another way is another, for its way is shown.
                told_apart = (*context.key, context.reach.root, context.reach.chain)
                place = places.setdefault(told_apart, len(contexts))
                if place == len(contexts):
                    contexts.append(context)
                generations.append(generation)
                kept.append(place)
            slim[path] = (replace(outcome, leaving=(), signature=None), tuple(generations), tuple(kept))
        if store(self.path, (signatures_of(read), contexts, slim)):
            forget_old(self.path.parent, "*.state", KEPT_RUNS)


def load(path: Path) -> Any:
    """What `store` kept there, None when nothing of use is."""
    try:
        with path.open("rb") as file:
            return pickle.load(file)
    except Exception:  # whatever is in the file: a cache that cannot be read is none
        return None


def store(path: Path, value: object) -> bool:
    """Put a value in a cache file in one step; whether that went well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(name, path)
    except (OSError, pickle.PicklingError):
        Path(name).unlink(missing_ok=True)
        return False
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def forget_old(folder: Path, pattern: str, keep: int) -> None:
    """Delete all but the newest `keep` files of a pattern."""
    try:
        found = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in found[keep:]:
            old.unlink(missing_ok=True)
    except OSError:  # another run deletes too
        return

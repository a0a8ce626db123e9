"""The door to the analysis: files in, facts to a visitor, its answers out; in parallel, in rounds.

A file is first analysed from its own roots. Calls into functions of other listed files are handed to those files,
which then are analysed from there too, and the answers joined; so on until nothing new comes. Work is cut into the
same chunks whatever the number of jobs, so that the answers are the same too. Of many files this process analyses some
itself: what they have shown of functions that most files call, the processes it forks need not find out again.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from breakcheck.semantic.analysis import Analysis, AnalysisError, Outcome
from breakcheck.semantic.cache import Signature, Store, cache_folder, files_read
from breakcheck.semantic.contexts import Arrival
from breakcheck.semantic.facts_impl import FileFacts
from breakcheck.semantic.project import Folders, Project, package_roots
from breakcheck.semantic.rounds import Task, complete
from breakcheck.semantic.workers import Workers

__all__ = ["Analysed", "AnalysisError", "FileFacts", "analyze"]

T = TypeVar("T")
# Bytes of source analysed with one state: more of them repeat less work, and take more memory. A smaller project is
# still cut in up to four, for as many processes.
CHUNK = 4_500_000
SMALL_CHUNK = 600_000
RECURSION_LIMIT = 8000  # nested calls times nested expressions; the default of 1,000 is too few
SAMPLE = 16  # one file of so many is analysed before the rest
COLD = 2  # chunks that another process goes through meanwhile
PARALLEL_FROM = 24  # files: below, starting processes costs more than it saves


@dataclass(frozen=True)
class _Settings:
    visit: Callable[[FileFacts], Any]
    search_path: tuple[Path, ...]
    roots: tuple[str, ...]
    overrides: Mapping[Path, str]
    folders: tuple[Path, ...] = ()  # the package roots of all files


_analysis: Analysis[Any] | None = None


def _start(settings: _Settings) -> None:
    global _analysis
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    project = Project(settings.search_path, settings.overrides, settings.folders)
    _analysis = Analysis(settings.visit, project, settings.roots)


def _end() -> None:
    global _analysis
    _analysis = None


@contextmanager
def _without_collector() -> Iterator[None]:
    """Syntax trees are millions of objects without cycles: the collector would walk them all again and again.

    Measured: two thirds of the time of a whole package.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _work(chunk: list[Task]) -> list[Outcome[Any]]:
    """The outcomes of a chunk, which depend on no other chunk this process has gone through."""
    assert _analysis is not None
    with _without_collector():
        if _analysis.begun and not _analysis.kept:
            _analysis.close()  # here and not at the end: what the last chunk leaves need not be taken apart
        _analysis.project.expect(path for path, _contexts, whole in chunk if whole)
        return [_one(_analysis, *task) for task in chunk]


def _keep() -> None:
    """Let the processes forked from here on begin with what this one has found out."""
    assert _analysis is not None
    _analysis.kept = True


def _one(analysis: Analysis[Any], path: Path, contexts: tuple[Arrival, ...], whole: bool) -> Outcome[Any]:
    """The outcome of a file; a mistake of ours costs that file only, and is said with its place in our code."""
    try:
        return analysis.file(path, contexts, whole)
    except Exception as error:
        if os.environ.get("BREAKCHECK_DEBUG"):
            raise
        analysis.close()  # what the interrupted run left behind is not to be relied on
        line = 1
        if isinstance(error, SyntaxError):  # though bytecode as old as the text vouched for it
            line, message = error.lineno or 1, f"syntax error: {error.msg}"
        elif isinstance(error, RecursionError):
            message = "cannot be analysed: an expression in it nests too deeply"
        else:
            step = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(step.filename).parent.name}/{Path(step.filename).name}:{step.lineno}"
            message = f"internal error, please report it: {type(error).__name__} at {where}: {error}"
        return Outcome(
            AnalysisError(path, line, message),
            contexts=tuple(context.digest for _generation, context in contexts),
        )


def _chunks(tasks: list[Task]) -> list[list[Task]]:
    """The tasks in order, in pieces of about as much source each."""
    sizes = [_size(path) for path, _contexts, _whole in tasks]
    total = max(1, sum(sizes))
    count = max(1, round(total / CHUNK), min(4, total // SMALL_CHUNK))
    chunks: list[list[Task]] = [[] for _ in range(count)]
    before = 0
    for task, size in zip(tasks, sizes, strict=True):
        chunks[min(count - 1, before * count // total)].append(task)
        before += size
    return [chunk for chunk in chunks if chunk]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # whoever reads it says so


def _in_this_process(tasks: list[Task]) -> Iterator[Outcome[Any]]:
    for chunk in _chunks(tasks):
        yield from _work(chunk)


class _InProcesses:
    """Tasks to outcomes in processes of their own; of the first tasks a sample in this one."""

    def __init__(
        self, workers: Workers[list[Task], list[Outcome[Any]]], prepare: Callable[[], object]
    ) -> None:
        self.workers = workers
        self.prepare = prepare
        self.begun = False

    def __call__(self, tasks: list[Task]) -> list[Outcome[Any]]:
        """The outcomes of some tasks."""
        sample = [] if self.begun else tasks[SAMPLE // 2 :: SAMPLE]
        self.begun = True
        found: dict[Path, Outcome[Any]] = {}

        def early() -> None:
            self.prepare()
            if sample:
                found.update(zip([path for path, *_ in sample], _work(sample), strict=True))
                if self.workers.forks:
                    _keep()

        taken = {path for path, *_ in sample}
        chunks = _chunks([task for task in tasks if task[0] not in taken])
        cold = COLD if sample else 0
        for chunk, outcomes in zip(chunks, self.workers.map(_work, chunks, early, cold), strict=True):
            found.update(zip([path for path, *_ in chunk], outcomes, strict=True))
        return [found[path] for path, *_ in tasks]


@dataclass(frozen=True)
class Analysed(Generic[T]):
    """What came out of `analyze`.

    answers: each file's, in order. read: every file that was read for them, with its signature as it was read if known.
    """

    answers: Mapping[Path, T | AnalysisError]
    read: Mapping[str, Signature | None]


def analyze(
    paths: Iterable[Path],
    *,
    visit: Callable[[FileFacts], T],
    merge: Callable[[T, T], T],
    prepare: Callable[[], object] = lambda: None,
    search_path: Sequence[Path] = (),
    roots: Sequence[str] = (),
    jobs: int = 1,
    salt: str | None = None,
    source_override: Mapping[Path, str] | None = None,
) -> Analysed[T]:
    """What `visit` makes of each file, in the order of `paths`; a file that cannot be read gives an AnalysisError.

    visit: called in this process and, of more than a few files, in others; it and its answer cross by pickle. It is
        called again for what only other files reach of a file; `merge` makes one answer of the two.
    prepare: imports what `visit` will import when it first needs it; called before most processes begin.
    search_path: folders in which imports of installed libraries are looked up; they are read, never imported.
    roots: further traced functions, "module:qualname".
    salt: a hash of all that `visit`'s answers depend on beside the sources; with one, only what changed since the
        last run, and what depends on it, is analysed. None or "" switches the cache off.
    """
    listed = list(dict.fromkeys(paths))
    folders = Folders()
    by_name = {folders.name(path): path for path in listed}
    settings = _Settings(
        visit, tuple(search_path), tuple(roots), dict(source_override or {}), package_roots(by_name)
    )
    store = None
    if salt and not source_override and listed:
        store = Store(cache_folder(), (salt, repr(settings.search_path), repr(settings.roots)), by_name)
    outcomes: dict[Path, Outcome[Any]] = store.outcomes() if store is not None else {}
    missing = sum(1 for path in listed if path not in outcomes)
    limit = sys.getrecursionlimit()
    try:
        if missing >= PARALLEL_FROM:
            with (
                _without_collector(),
                Workers[list[Task], list[Outcome[Any]]](jobs, partial(_start, settings)) as workers,
            ):
                complete(outcomes, listed, by_name, _InProcesses(workers, prepare), merge)
        else:
            _start(settings)
            complete(outcomes, listed, by_name, _in_this_process, merge)
    finally:
        sys.setrecursionlimit(limit)
        _end()
    read = files_read(by_name, outcomes)
    if store is not None:
        store.save(outcomes, read)
    return Analysed({path: outcomes[path].answer for path in listed}, read)

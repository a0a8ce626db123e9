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
from breakcheck.semantic.cache import Signature, Store, cache_folder, files_read, resolved_names
from breakcheck.semantic.contexts import MAX_CONTEXTS, Arrival
from breakcheck.semantic.facts_impl import FileFacts
from breakcheck.semantic.project import Project, package_roots
from breakcheck.semantic.workers import Workers

__all__ = ["Analysed", "AnalysisError", "FileFacts", "analyze"]

T = TypeVar("T")
# Bytes of source analysed with one state: more of them repeat less work, and take more memory. A smaller project is
# still cut in up to four, for as many processes.
CHUNK = 4_500_000
SMALL_CHUNK = 600_000
MAX_ROUNDS = 4
RECURSION_LIMIT = 8000  # nested calls times nested expressions; the default of 1,000 is too few
SAMPLE = 16  # one file of so many is analysed before the rest
COLD = 2  # chunks that another process goes through meanwhile
PARALLEL_FROM = 24  # files: below, starting processes costs more than it saves

Task = tuple[
    Path, tuple[Arrival, ...], bool
]  # a file, calls from other files, whether from its own roots as well


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


def _rounds(
    paths: Sequence[Path],
    by_name: Mapping[str, Path],
    work: Callable[[list[Task]], Iterable[Outcome[Any]]],
    outcomes: dict[Path, Outcome[Any]],
    merge: Callable[[Any, Any], Any],
) -> None:
    """Complete `outcomes` (of an earlier run, where still valid) until every file knows who calls it."""
    ordered = sorted(paths)
    for _number in range(MAX_ROUNDS):
        tasks = _tasks(paths, _incoming(ordered, outcomes, by_name), outcomes)
        if not tasks:
            break
        for (path, _contexts, whole), outcome in zip(tasks, work(tasks), strict=True):
            outcomes[path] = outcome if whole else outcomes[path].joined(outcome, merge)


def _tasks(
    paths: Sequence[Path], incoming: Mapping[Path, dict[str, _Given]], outcomes: Mapping[Path, Outcome[Any]]
) -> list[Task]:
    """What is still to be analysed: new files whole, known ones from where other files now call them."""
    tasks: list[Task] = []
    for path in paths:
        known, given = outcomes.get(path), incoming.get(path, {})
        if known is None or not given.keys() >= set(known.contexts):
            tasks.append((path, _chosen(given), True))  # not known, or by a call that is no more
            continue
        contexts = _chosen(given, known.contexts)
        if contexts:
            tasks.append((path, contexts, False))
    return tasks


class _Given:
    """A context that files hand to another: from where it is nearest a root, and by how many of them."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.callers = 1

    def again(self, arrival: Arrival) -> None:
        """One more file hands it on."""
        self.callers += 1
        if arrival[0] < self.arrival[0]:
            self.arrival = arrival


def _incoming(
    ordered: Sequence[Path], outcomes: Mapping[Path, Outcome[Any]], by_name: Mapping[str, Path]
) -> dict[Path, dict[str, _Given]]:
    """File -> contexts of its functions that other files hand to it, by digest."""
    table: dict[Path, dict[str, _Given]] = {}
    for path in ordered:
        if path not in outcomes:
            continue
        for arrival in outcomes[path].leaving:
            _generation, context = arrival
            target = by_name.get(context.path)
            if target is None or target is path:
                continue
            given = table.get(target)
            if given is None:
                given = table[target] = {}
            digest = context.digest
            before = given.get(digest)
            if before is not None:
                before.again(arrival)
                continue
            known = outcomes.get(target)
            if known is None or digest not in known.own:
                given[digest] = _Given(arrival)
    return table


def _chosen(table: Mapping[str, _Given], known: Sequence[str] = ()) -> tuple[Arrival, ...]:
    """The contexts to analyse, a few of each function; those already known count among the few.

    The nearest to a root come first, as a run from nothing finds them, and of these what most files call it with.
    """
    by_function: dict[str, list[Arrival]] = {}
    ordered = sorted(
        table.items(),
        key=lambda pair: (pair[0] not in known, pair[1].arrival[0], -pair[1].callers, pair[0]),
    )
    for _digest, given in ordered:
        by_function.setdefault(given.arrival[1].qualname, []).append(given.arrival)
    few = [arrival for found in by_function.values() for arrival in found[:MAX_CONTEXTS]]
    return tuple(arrival for arrival in few if arrival[1].digest not in known)


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
    settings = _Settings(
        visit, tuple(search_path), tuple(roots), dict(source_override or {}), package_roots(listed)
    )
    store = None
    if salt and not source_override and listed:
        store = Store(cache_folder(), (salt, repr(settings.search_path), repr(settings.roots)), listed)
    outcomes: dict[Path, Outcome[Any]] = store.outcomes() if store is not None else {}
    by_name = resolved_names(listed)
    missing = sum(1 for path in listed if path not in outcomes)
    limit = sys.getrecursionlimit()
    try:
        if missing >= PARALLEL_FROM:
            with (
                _without_collector(),
                Workers[list[Task], list[Outcome[Any]]](jobs, partial(_start, settings)) as workers,
            ):
                _rounds(listed, by_name, _InProcesses(workers, prepare), outcomes, merge)
        else:
            _start(settings)
            _rounds(listed, by_name, _in_this_process, outcomes, merge)
    finally:
        sys.setrecursionlimit(limit)
        _end()
    if store is not None:
        store.save(outcomes)
    return Analysed({path: outcomes[path].answer for path in listed}, files_read(by_name, outcomes))

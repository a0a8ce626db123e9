"""Rounds of tasks: which files are analysed next, and from which of the calls that other files make into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from breakcheck.semantic.analysis import Outcome
from breakcheck.semantic.contexts import MAX_CONTEXTS, Arrival, comes_before

MAX_ROUNDS: Final = 4
# A file, calls from other files, whether from its own roots as well.
Task = tuple[Path, tuple[Arrival, ...], bool]


def complete(
    outcomes: dict[Path, Outcome[Any]],
    paths: Sequence[Path],
    by_name: Mapping[str, Path],
    work: Callable[[list[Task]], Iterable[Outcome[Any]]],
    merge: Callable[[Any, Any], Any],
) -> None:
    """Complete `outcomes` (of an earlier run, where still valid) until every file knows who calls it."""
    ordered = sorted(paths)
    names = {path: name for name, path in by_name.items()}
    for _number in range(MAX_ROUNDS):
        tasks = _tasks(paths, names, _incoming(ordered, outcomes, by_name), outcomes)
        if not tasks:
            break
        for (path, _contexts, whole), outcome in zip(tasks, work(tasks), strict=True):
            outcomes[path] = outcome if whole else outcomes[path].joined(outcome, merge)


def _tasks(
    paths: Sequence[Path],
    names: Mapping[Path, str],
    incoming: Mapping[str, dict[str, _Given]],
    outcomes: Mapping[Path, Outcome[Any]],
) -> list[Task]:
    """What is still to be analysed: new files whole, known ones from where other files now call them."""
    tasks: list[Task] = []
    for path in paths:
        known, given = outcomes.get(path), incoming.get(names.get(path, ""), {})
        if known is None or not given.keys() >= set(known.contexts):
            tasks.append((path, _chosen(given), True))  # not known, or by a call that is no more
            continue
        contexts = _chosen(given, known.contexts)
        if contexts:
            tasks.append((path, contexts, False))
    return tasks


class _Given:
    """A context that files hand to another: from where it is certain, then nearest a root, and by how many of them."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.callers = 1

    def again(self, arrival: Arrival) -> None:
        """One more file hands it on."""
        self.callers += 1
        if comes_before(arrival, self.arrival):
            self.arrival = arrival


def _incoming(
    ordered: Sequence[Path], outcomes: Mapping[Path, Outcome[Any]], by_name: Mapping[str, Path]
) -> dict[str, dict[str, _Given]]:
    """A file's name -> contexts of its functions that other files hand to it, by digest."""
    table: dict[str, dict[str, _Given]] = {}
    for path in ordered:
        if path not in outcomes:
            continue
        for arrival in outcomes[path].leaving:
            name, digest = arrival[1].path, arrival[1].digest
            given = table.get(name)
            if given is not None:
                before = given.get(digest)
                if before is not None:
                    before.again(arrival)
                    continue
            target = by_name.get(name)
            if target is None or target is path:
                continue
            known = outcomes.get(target)
            if known is None or digest not in known.own:
                table.setdefault(name, {})[digest] = _Given(arrival)
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

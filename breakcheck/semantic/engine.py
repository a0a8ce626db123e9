"""The door to the analysis: files in, facts to a visitor, its answers out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from breakcheck.semantic.facts_impl import FileFacts
from breakcheck.semantic.interpreter import Interpreter
from breakcheck.semantic.project import Project, SourceError
from breakcheck.semantic.regions import enter_root, roots_of
from breakcheck.semantic.world import World

T = TypeVar("T")


@dataclass(frozen=True)
class AnalysisError:
    """A file that could not be analysed: which, where, why in one sentence."""

    path: Path
    line: int
    message: str


def analyze(
    paths: Iterable[Path],
    *,
    visit: Callable[[FileFacts], T],
    search_path: Sequence[Path] = (),
    roots: Sequence[str] = (),
    jobs: int = 1,
    salt: str = "",
    source_override: Mapping[Path, str] | None = None,
) -> Iterator[tuple[Path, T | AnalysisError]]:
    """What `visit` makes of each file, in the order of `paths`; a file that cannot be read gives an AnalysisError.

    search_path: folders in which imports of installed libraries are looked up; they are read, never imported.
    roots: further traced functions, "module:qualname".
    """
    listed = list(paths)
    project = Project(search_path, source_override)
    for path in listed:
        try:
            module = project.load(path)
        except SourceError as error:
            yield path, AnalysisError(path, error.line, error.message)
            continue
        interpreter = Interpreter(World(project))
        interpreter.focus.add(module.path)
        for group in roots_of(interpreter, module, roots):
            for root in group:
                enter_root(interpreter, root)
        records = [
            record
            for info, found in sorted(interpreter.records.items(), key=lambda pair: pair[0].node.lineno)
            for record in found
            if info.module is module
        ]
        yield path, visit(FileFacts(module, path, records))

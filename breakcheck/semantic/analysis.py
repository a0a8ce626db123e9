"""One file's analysis: roots and calls from other files in, facts and calls into other files out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from breakcheck.semantic.cache import Signature
from breakcheck.semantic.contexts import Arrival, Context, comes_before, restored
from breakcheck.semantic.facts import Reach
from breakcheck.semantic.facts_impl import FileFacts
from breakcheck.semantic.interpreter import Interpreter
from breakcheck.semantic.project import Project, SourceError
from breakcheck.semantic.regions import enter_root, find_function, roots_of
from breakcheck.semantic.symbols import ModuleInfo
from breakcheck.semantic.world import Code, World

T = TypeVar("T")

# A file without any of these defines no function that tracing starts in; a class derived from another may inherit one.
ROOT_WORDS = ("forward", "compile", "dynamo")
DERIVED = re.compile(r"^class \w+\(", re.MULTILINE)


@dataclass(frozen=True)
class AnalysisError:
    """A file that could not be analysed: which, where, why in one sentence."""

    path: Path
    line: int
    message: str


@dataclass
class Outcome(Generic[T]):
    """What one file's analysis gave.

    leaving: contexts of functions of other files, by `Context.key`. own: digests of those of this file's functions that its own roots
    reach. contexts: digests of those that came from other files. used: files it depends on. signature: of the file as it
    was read.
    """

    answer: T | AnalysisError
    leaving: tuple[Arrival, ...] = ()
    own: frozenset[str] = frozenset()
    contexts: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    signature: Signature | None = None

    def joined(self, more: Outcome[T], merge: Callable[[T, T], T]) -> Outcome[T]:
        """This outcome with that of further contexts of the same file."""
        answer = more.answer if isinstance(more.answer, AnalysisError) else self.answer
        if not isinstance(self.answer, AnalysisError) and not isinstance(more.answer, AnalysisError):
            answer = merge(self.answer, more.answer)
        leaving: dict[tuple[str, str], Arrival] = {}
        for arrival in (*self.leaving, *more.leaving):
            key = arrival[1].key
            if comes_before(arrival, leaving.setdefault(key, arrival)):
                leaving[key] = arrival
        return Outcome(
            answer,
            tuple(leaving.values()),
            self.own,
            (*self.contexts, *more.contexts),
            tuple(sorted({*self.used, *more.used})),
            self.signature,
        )


class Analysis(Generic[T]):
    """Analyses files one after the other; what does not depend on a file's own calls is kept between them."""

    def __init__(
        self,
        visit: Callable[[FileFacts], T],
        project: Project,
        roots: Sequence[str],
    ) -> None:
        self.visit = visit
        self.roots = roots
        self.project = project
        self.interpreter = Interpreter(World(self.project))
        self.kept = False  # whether what is known stays for what comes, as far as the caller can tell

    @property
    def begun(self) -> bool:
        """Whether a file has been analysed since the last `close`."""
        return self.interpreter.focus is not None

    def close(self) -> None:
        """Forget all but some parsed files, so that what comes next does not depend on what came before."""
        self.interpreter.close()
        self.interpreter = Interpreter(World(self.project))
        self.project.trim()

    def file(self, path: Path, contexts: Sequence[Arrival] = (), whole: bool = True) -> Outcome[T]:
        """The outcome for one file, reached by the calls of `contexts` and, where it is `whole`, by its own roots."""
        leaving: list[Arrival] = []
        self.project.used = set()
        try:
            module = None
            if whole and not contexts:
                module = self.project.load_unused(path, lambda *told: not self._may_have_roots(*told))
            module = module or self.project.load(path, whole)
        except SourceError as error:
            return Outcome(AnalysisError(path, error.line, error.message))
        interpreter = self.interpreter
        interpreter.begin(module)
        if whole and self._may_have_roots(module.name, module.source):
            for group in roots_of(interpreter, module, self.roots):
                for root in group:
                    enter_root(interpreter, root)
        own = frozenset(interpreter.seen)
        self._leave(leaving, 1)
        for generation, context in sorted(contexts, key=lambda arrival: arrival[0]):
            self._enter(module, context)
            self._leave(leaving, generation + 1)
        facts = FileFacts(module, path, ordered_records(interpreter, module))
        return Outcome(
            self.visit(facts),
            tuple(leaving),
            own,
            tuple(context.digest for _generation, context in contexts),
            tuple(sorted([sys.intern(str(used)) for used in self.project.dependencies(module.path)])),
            self.project.signatures.get(module.path),
        )

    def _leave(self, leaving: list[Arrival], generation: int) -> None:
        """Take down what has been added to the calls that leave the file."""
        found = islice(self.interpreter.leaving.values(), len(leaving), None)
        leaving += [(generation, context) for context in found]

    def _may_have_roots(self, name: str, source: str) -> bool:
        configured = any(root.partition(":")[0] == name for root in self.roots)
        if configured or any(word in source for word in ROOT_WORDS):
            return True
        return "torch" in source and DERIVED.search(source) is not None

    def _enter(self, module: ModuleInfo, context: Context) -> None:
        if context.digest in self.interpreter.seen:
            return
        world = self.interpreter.world
        info = find_function(world, module, context.qualname, dict(context.env))
        if info is None:
            return
        closure = {name: restored(world, module, value) for name, value in context.closure} or None
        env = {name: restored(world, module, value) for name, value in context.env}
        if "<locals>" in context.qualname and not closure:
            closure = {}
        reach = Reach(context.reach.root, context.reach.chain, context.reach.reasons, context.reach.assumed)
        self.interpreter.enter(None, Code(info, closure, None, info.owner), env, reach)


def ordered_records(interpreter: Interpreter, module: ModuleInfo) -> list:  # type: ignore[type-arg]
    """The records of a file's functions in source order; contexts without assumptions first."""
    pairs = sorted(interpreter.records.items(), key=lambda pair: (pair[0].node.lineno, pair[0].qualname))
    return [record for info, found in pairs for record in found if info.module is module]

"""One file's facts to its findings: which rules are asked about which nodes, and what becomes of their answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from breakcheck.behind import Sighting, hiding_line, is_always_evaluated, trail_of
from breakcheck.files import display_path
from breakcheck.finding import Confidence, Effect, Finding, Fix, Location, Note
from breakcheck.host_facts import HostFacts
from breakcheck.options import Options
from breakcheck.registry import DOCS_URL, LoadedRule
from breakcheck.result import FileReport
from breakcheck.rule import Problem
from breakcheck.semantic.facts_impl import FileFacts
from breakcheck.semantic.trees import walk
from breakcheck.semantic.values import Kind
from breakcheck.spans import Span, from_place, head_span, span_of
from breakcheck.suppress import is_suppressed, suppressions
from breakcheck.versions import KNOWN_RELEASES

if TYPE_CHECKING:
    from breakcheck.fixer import FileFixer


class Dispatch:
    """Which rules to ask about a call of a name, an attribute of a name, and a node of a class."""

    def __init__(self, rules: Sequence[LoadedRule]) -> None:
        self.by_name: dict[str, tuple[LoadedRule, ...]] = {}
        self.by_node: dict[tuple[type[ast.AST], Kind | None], tuple[LoadedRule, ...]] = {}
        self.by_attribute: dict[str, tuple[LoadedRule, ...]] = {}
        self._prefixes: list[tuple[str, LoadedRule]] = []
        self._memo: dict[str, tuple[LoadedRule, ...]] = {}
        self.host = tuple(loaded for loaded in rules if loaded.rule.host)
        for loaded in rules:
            if loaded.rule.host:
                continue
            for name in loaded.rule.calls:
                if name.endswith("*"):
                    self._prefixes.append((name[:-1], loaded))
                else:
                    self.by_name[name] = (*self.by_name.get(name, ()), loaded)
            for name in loaded.rule.attributes:
                self.by_attribute[name] = (*self.by_attribute.get(name, ()), loaded)
            for node in loaded.rule.nodes if not loaded.rule.attributes else ():
                asked = node, loaded.rule.kind
                self.by_node[asked] = (*self.by_node.get(asked, ()), loaded)

    def for_call(self, name: str) -> tuple[LoadedRule, ...]:
        """The rules that listen to calls of a qualified name."""
        if not name:
            return ()
        found = self._memo.get(name)
        if found is None:
            wild = tuple(loaded for prefix, loaded in self._prefixes if name.startswith(prefix))
            found = self._memo[name] = tuple(dict.fromkeys((*self.by_name.get(name, ()), *wild)))
        return found


class FileLinter:
    """The visitor that runs in the engine's workers: a file's facts to its report. Picklable."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._dispatch: Dispatch | None = None
        self._fixer: FileFixer | None = None

    def __reduce__(self) -> tuple[type[FileLinter], tuple[Options]]:
        return FileLinter, (self.options,)  # rules hold functions: each process loads its own

    def __call__(self, facts: FileFacts) -> FileReport:
        """The report of one file."""
        dispatch = self._dispatch = self._dispatch or Dispatch(self.options.rules())
        self._fixer = None
        found: dict[tuple[str, Span], Finding] = {}
        seen: dict[tuple[str, Span], list[Sighting]] = {}
        for loaded, problem, known_of in self._problems(facts, dispatch):
            shown = from_place(problem.since, head_span(problem.node, facts.lines), facts.lines)
            key = (loaded.rule.code, shown)
            seen.setdefault(key, []).append(self._sighting(loaded, problem, known_of))
            known = found.get(key)
            # A function is seen once for each way it is called: what any of them derives is certain.
            if known is None:
                found[key] = self._finding(loaded, problem, known_of, shown)
            elif known.confidence is Confidence.LIKELY and not _assumed(problem, known_of):
                found[key] = replace(
                    self._finding(loaded, problem, known_of, shown, with_fix=False), fix=known.fix
                )
        givers = [each for sightings in seen.values() for each in sightings if each.gives_up]
        for key, sightings in seen.items() if givers else ():
            line = hiding_line(sightings, givers)
            if line is not None:
                found[key] = replace(found[key], behind=line)
        kept, hidden = [], set()
        comments = suppressions(facts.source_text) if found else ()
        for finding in sorted(found.values(), key=lambda f: (f.location, f.code)):
            place = finding.location
            if is_suppressed(comments, finding.code, finding.name, place.line, place.end_line):
                hidden.add((finding.code, place))
            else:
                kept.append(finding)
        return FileReport(tuple(kept), frozenset(hidden))

    def _problems(
        self, facts: FileFacts, dispatch: Dispatch
    ) -> Iterator[tuple[LoadedRule, Problem, FileFacts]]:
        for node, callee in facts.calls():
            for loaded in dispatch.for_call(callee.name):
                for problem in loaded.match(node, facts):
                    yield loaded, problem, facts
        for (of_class, of_kind), rules in dispatch.by_node.items() if facts.reached else ():
            for other in facts.nodes(of_class, of_kind):
                for loaded in rules:
                    for problem in loaded.match(other, facts):
                        yield loaded, problem, facts
        for attribute in facts.nodes(ast.Attribute) if dispatch.by_attribute else ():
            assert isinstance(attribute, ast.Attribute)
            for loaded in dispatch.by_attribute.get(attribute.attr, ()):
                for problem in loaded.match(attribute, facts):
                    yield loaded, problem, facts
        if dispatch.host:
            host = HostFacts(facts)
            for node, callee in host.calls():
                for loaded in dispatch.host:
                    if callee.name in loaded.rule.calls:
                        for problem in loaded.match(node, host):
                            yield loaded, problem, host

    def _sighting(self, loaded: LoadedRule, problem: Problem, facts: FileFacts) -> Sighting:
        """Where a problem was seen just now."""
        effects = problem.effects or loaded.rule.effects
        gives_up = (
            problem.whole_frame
            and Effect.GRAPH_BREAK in effects
            and not _assumed(problem, facts)
            and is_always_evaluated(problem.node, facts)
            and len(self.options.environment.admits(loaded.rule.versions))
            == len(self.options.environment.releases)
        )
        line = getattr(problem.node, "lineno", 0)
        if isinstance(facts, HostFacts):
            return Sighting(0, (), line, False)
        needs_graph = not {Effect.GRAPH_BREAK, Effect.ERROR}.intersection(effects)
        return Sighting(facts.context, trail_of(problem.node, facts), line, gives_up, needs_graph)

    def _finding(
        self,
        loaded: LoadedRule,
        problem: Problem,
        facts: FileFacts,
        span: Span,
        with_fix: bool = True,
    ) -> Finding:
        rule = loaded.rule
        reach = facts.reach(problem.node)
        environment = self.options.environment
        admitted = environment.admits(rule.versions)
        versions = rule.versions
        claim = problem.message
        if len(admitted) < len(environment.releases):
            claim += f" (torch {', '.join(_ranges(admitted))})"
        return Finding(
            code=rule.code,
            name=rule.name,
            claim=claim,
            location=_location(facts.path, span),
            symbol=facts.symbol(problem.node),
            severity=problem.severity or rule.severity,
            confidence=Confidence.LIKELY if _assumed(problem, facts) else Confidence.CERTAIN,
            effects=problem.effects or rule.effects,
            gb_ids=problem.gb_ids or rule.gb_ids,
            versions=versions,
            call_path=reach.chain,
            notes=_notes(problem, facts),
            suggestion=problem.suggestion,
            fix=self._fix(loaded, problem, facts)
            if with_fix and problem.fixable and loaded.can_fix
            else None,
            url=DOCS_URL.format(name=rule.name),
        )

    def _fix(self, loaded: LoadedRule, problem: Problem, facts: FileFacts) -> Fix | None:
        from breakcheck.fixer import FileFixer  # imports libcst: only where a finding may be fixed

        lines, function = facts.lines, facts.function(problem.node)

        def tensor_at(span: Span) -> bool:
            for node in walk(function or facts.tree):
                if isinstance(node, ast.expr) and node.lineno == span.line and span_of(node, lines) == span:
                    value = facts.value(node)
                    return value.kind is Kind.TENSOR and not value.assumed and not value.optional
            return False

        enclosing = None if function is None or isinstance(function, ast.Lambda) else span_of(function, lines)
        if self._fixer is None:
            self._fixer = FileFixer(facts.source_text, lambda: facts.tree)
        statement = span_of(facts.statement(problem.node), lines)
        return self._fixer.fix(loaded, span_of(problem.node, lines), statement, enclosing, tensor_at)


def _ranges(releases: Sequence[str]) -> list[str]:
    """["2.1 to 2.6", "2.9"] from releases in order."""
    runs: list[list[str]] = []
    for release in releases:
        if runs and KNOWN_RELEASES.index(release) == KNOWN_RELEASES.index(runs[-1][-1]) + 1:
            runs[-1].append(release)
        else:
            runs.append([release])
    return [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def _notes(problem: Problem, facts: FileFacts) -> tuple[Note, ...]:
    notes = []
    for fact in (*problem.because, facts.reach(problem.node)):
        for reason in fact.reasons:
            path = display_path(Path(reason.path)) if reason.path else display_path(facts.path)
            note = Note(path, reason.line, reason.text)
            if note not in notes:
                notes.append(note)
    return tuple(notes)


def _assumed(problem: Problem, facts: FileFacts) -> bool:
    """Whether some fact behind a problem was assumed."""
    return facts.reach(problem.node).assumed or any(fact.assumed for fact in problem.because)


def _location(path: str, span: Span) -> Location:
    return Location(display_path(path), span.line, span.column + 1, span.end_line, span.end_column + 1)

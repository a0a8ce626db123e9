"""Which findings stand behind another: a break in a loop gives up its frame, and nothing after it is traced."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from breakcheck.semantic.facts import Facts
from breakcheck.semantic.values import Kind


class Step(NamedTuple):
    """A statement's place in its block. always: it is reached whenever the statement that holds the block is."""

    block: int
    place: int
    always: bool


Trail = tuple[Step, ...]  # from a function's body down to a statement in it


@dataclass(frozen=True)
class Sighting:
    """Where a problem was seen: in which context of which function, at which statement.

    gives_up: a certain break after which nothing of the frame is traced. needs_graph: what is claimed happens to the graph
    that a loop is unrolled into (a recompilation, a fallback), so that a break in the loop matters too.
    """

    context: int
    trail: Trail
    line: int
    gives_up: bool
    needs_graph: bool = False


def trail_of(node: ast.AST, facts: Facts) -> Trail:
    """The way from the function down to the statement of a node."""
    steps: list[Step] = []
    child: ast.AST = facts.statement(node)
    while True:
        parent = facts.parent(child)
        if parent is None:
            return tuple(reversed(steps))
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and child in block:
                place = block.index(child)
                always = _runs_always(parent, name, place, facts) and not any(map(_may_leave, block[:place]))
                steps.append(Step(id(block), place, always))
        child = parent


def _runs_always(holder: ast.AST, block: str, place: int, facts: Facts) -> bool:
    """Whether a block is gone through to a place whenever its statement is, as far as the holder tells."""
    if isinstance(holder, ast.Try):
        return block == "finalbody" or (block == "body" and (place == 0 or not holder.handlers))
    if isinstance(holder, (ast.For, ast.AsyncFor)):
        return block == "body" and _has_items(holder.iter, facts)
    return block == "body" and isinstance(holder, (ast.With, ast.AsyncWith))


def _has_items(source: ast.expr, facts: Facts) -> bool:
    """Whether what a loop goes through is taken to have items: rows, modules, a range, a filled display."""
    value = facts.value(source)
    if isinstance(source, ast.Call) and facts.callee(source).name in ("builtins.enumerate", "builtins.zip"):
        return all(_has_items(each, facts) for each in source.args)
    if value.kind in (Kind.TENSOR, Kind.MODULE) or value.name == "range":
        return True
    if value.kind is not Kind.CONTAINER:
        return False
    return bool(value.items) or (
        value.element is not None and value.element.kind in (Kind.TENSOR, Kind.MODULE)
    )


def _may_leave(statement: ast.AST) -> bool:
    """Whether a statement may jump over those after it."""
    todo = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Continue, ast.Break, ast.Return, ast.Raise)):
            return True
        if isinstance(node, ast.stmt) and not isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            todo += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]
        elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
            todo += node.body
    return False


def is_always_evaluated(node: ast.AST, facts: Facts) -> bool:
    """Whether an expression is evaluated whenever its statement is reached."""
    child = node
    for parent in facts.ancestors(node):
        if isinstance(parent, ast.stmt):
            return not (isinstance(parent, ast.Assert) and child is parent.msg)
        if isinstance(parent, ast.BoolOp) and child is not parent.values[0]:
            return False
        if isinstance(parent, ast.IfExp) and child is not parent.test:
            return False
        if isinstance(parent, ast.comprehension) and child in parent.ifs and len(parent.ifs) > 1:
            return False
        if isinstance(parent, ast.GeneratorExp) and not isinstance(facts.parent(parent), ast.Call):
            return False
        child = parent
    return True


def comes_behind(first: Trail, later: Trail, needs_graph: bool = False) -> bool:
    """Whether a statement is reached only after another, in whose head or block or after which it stands.

    needs_graph: it is also if the other stands in its own block.
    """
    for depth, (one, other) in enumerate(zip(first, later, strict=False)):
        if one.block != other.block:
            return False
        if one.place != other.place:
            return one.place < other.place and all(step.always for step in first[depth + 1 :])
    if len(first) < len(later):
        return True
    return needs_graph and all(step.always for step in first[len(later) :])


def hiding_line(seen: Iterable[Sighting], givers: Iterable[Sighting]) -> int | None:
    """The line of the break that Dynamo gives up at before it gets to a problem, wherever that was seen; else None."""
    lines: list[int] = []
    for sighting in seen:
        before = [
            giver.line
            for giver in givers
            if giver.context == sighting.context
            and comes_behind(giver.trail, sighting.trail, sighting.needs_graph)
        ]
        if not before:
            return None
        lines += before
    return min(lines)

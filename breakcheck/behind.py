"""Which findings stand behind another: a break in a loop gives up its frame, and nothing after it is traced."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from breakcheck.semantic.facts import Facts


class Step(NamedTuple):
    """A statement's place in its block. always: it runs whenever the statement that holds the block does."""

    block: int
    place: int
    always: bool


Trail = tuple[Step, ...]  # from a function's body down to a statement in it


@dataclass(frozen=True)
class Sighting:
    """Where a problem was seen: in which context of which function, at which statement.

    gives_up: a certain break that leaves no graph of the frame. needs_graph: what is claimed happens to a graph of the
    frame (a recompilation, a fallback), so that a break after it matters too.
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
                steps.append(Step(id(block), block.index(child), _runs_always(parent, name)))
        child = parent


def _runs_always(holder: ast.AST, block: str) -> bool:
    """Whether a block runs whenever its statement does; a `for` is taken to run once at least."""
    if isinstance(holder, ast.Try):
        return block in ("body", "finalbody")
    return block == "body" and isinstance(holder, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith))


def comes_behind(first: Trail, later: Trail, in_any_order: bool = False) -> bool:
    """Whether a statement is reached only after another, in whose head or block or after which it stands.

    in_any_order: whether it is never reached without the other, be that before or after it or in its block.
    """
    for depth, (one, other) in enumerate(zip(first, later, strict=False)):
        if one.block != other.block:
            return False
        if one.place != other.place:
            ordered = one.place < other.place or in_any_order
            return ordered and all(step.always for step in first[depth + 1 :])
    inside = in_any_order and all(step.always for step in first[len(later) :])
    return len(first) < len(later) or inside


def hiding_line(seen: Iterable[Sighting], givers: Iterable[Sighting]) -> int | None:
    """The line of the break that Dynamo gives up at before it gets to a problem, wherever that was seen; else None."""
    lines = [
        min(
            (
                giver.line
                for giver in givers
                if giver.context == sighting.context
                and comes_behind(giver.trail, sighting.trail, sighting.needs_graph)
            ),
            default=None,
        )
        for sighting in seen
    ]
    return None if None in lines else min(line for line in lines if line is not None)

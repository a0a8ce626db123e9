"""Calls that leave a file: what a function of another file is called with, in a form that crosses processes."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from breakcheck.semantic import values as v
from breakcheck.semantic.arguments import first_parameter
from breakcheck.semantic.facts import Reach
from breakcheck.semantic.project import Project
from breakcheck.semantic.symbols import ClassInfo, FunctionInfo, ModuleInfo
from breakcheck.semantic.trees import walk
from breakcheck.semantic.values import Kind, Value
from breakcheck.semantic.world import World

MAX_CONTEXTS = 6  # of one function, from all other files together
MAX_CLOSURE = 16


class Context(NamedTuple):
    """One way in which a function is called from another file.

    env: its parameters' values. closure: what a nested function closes over. digest: tells the contexts of one file apart.
    """

    path: str
    qualname: str
    env: tuple[tuple[str, Value], ...]
    closure: tuple[tuple[str, Value], ...]
    reach: Reach
    digest: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells contexts of all files apart: copies of a function are called alike in several."""
        return self.path, self.digest


# A context as a file hands it on, after its generation: 1 where the file's own roots lead to it, else one more than what
# led to it. A plain tuple: a large package hands on ten times as many as there are contexts, from process to process.
Arrival = tuple[int, Context]


def comes_before(one: Arrival, other: Arrival) -> bool:
    """Whether the way of one arrival is to be told rather than another's: certain before assumed, then the shorter."""
    if one[1].reach.assumed != other[1].reach.assumed:
        return other[1].reach.assumed
    return one[0] < other[0]


def context_of(
    info: FunctionInfo, env: dict[str, Value], closure: dict[str, Value] | None, reach: Reach
) -> Context | None:
    """The context to hand to another file's analysis; None when it closes over too much."""
    held: tuple[tuple[str, Value], ...] = ()
    if closure:
        used = free_names(info.node)
        held = tuple((name, plain(value)) for name, value in sorted(closure.items()) if name in used)
        if len(held) > MAX_CLOSURE:
            return None
    given = tuple((name, _sent(info, name, value)) for name, value in env.items())
    text = f"({info.qualname!r}, [{_listed(given)}], [{_listed(held)}])"
    digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    return Context(str(info.module.path), info.qualname, given, held, reach, digest)


def _listed(values: tuple[tuple[str, Value], ...]) -> str:
    return ", ".join([f"({name!r}, {v.key_text(value)})" for name, value in values])


def _sent(info: FunctionInfo, name: str, value: Value) -> Value:
    """A parameter's value for another file: `self` as its own class, other objects of other files without theirs."""
    if (
        info.owner is not None
        and value.kind in (Kind.MODULE, Kind.PYTHON)
        and isinstance(value.target, ClassInfo)
        and first_parameter(info.node) == name
    ):
        return Value(value.kind, name=info.owner.full_name)
    return plain(value)


@cache
def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(part.id for part in walk(node) if isinstance(part, ast.Name))


def free_names(node: ast.AST) -> frozenset[str]:
    """The names a function's body mentions."""
    return _names(node)


def plain(value: Value) -> Value:
    """A value without what only this process or this caller knows: function targets, call-site constants of text."""
    known = value.sent
    if known is None:
        known = _plain(value)
        if known is not value:  # which would keep itself alive
            value.sent = known
    return known


def _plain(value: Value) -> Value:
    if value.kind in (Kind.FUNCTION, Kind.MODULE) and not value.alts:
        library = value.name.startswith(("torch.", "builtins.", "numpy."))
        return Value(value.kind, name=value.name if library else "", optional=value.optional)
    if value.kind is Kind.CONST and isinstance(value.const, str):
        return value
    return _mapped(value, None, plain)


def restored(world: World, module: ModuleInfo, value: Value) -> Value:
    """A plain value with the classes of `module` found again in this process."""
    target = value.target
    if target is None and value.name.startswith(f"{module.name}."):
        target = find_named(world.project, value.name)
    return _mapped(value, target, lambda held: restored(world, module, held))


def _mapped(value: Value, target: object, each: Callable[[Value], Value]) -> Value:
    """A value with a target, and with what `each` makes of the values it holds."""
    holds = value.items is not None or value.element is not None or value.fields or value.alts
    if target is value.target and not holds:
        return value
    return v.changed(
        value,
        target=target,
        items=None if value.items is None else tuple([each(item) for item in value.items]),
        element=None if value.element is None else each(value.element),
        fields=None if value.fields is None else tuple([(name, each(held)) for name, held in value.fields]),
        alts=tuple([each(alt) for alt in value.alts]),
    )


def find_named(project: Project, full_name: str) -> ClassInfo | ModuleInfo | None:
    """The class or module of a dotted name."""
    parts = full_name.split(".")
    for size in range(len(parts) - 1, 0, -1):
        module = project.module(".".join(parts[:size]))
        if module is None:
            continue
        table = module.names
        symbol: ClassInfo | None = None
        for part in parts[size:]:
            symbol = next((d for d in reversed(table.get(part, [])) if isinstance(d, ClassInfo)), None)
            if symbol is None:
                return None
            table = symbol.members
        return symbol
    return project.module(full_name)

"""Going through syntax trees, in half the time of `ast.walk`: only the fields that hold nodes are looked at."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from functools import lru_cache

# Fields that hold names, numbers or operators, which nobody asks for as nodes.
_PLAIN = frozenset(
    (
        *("ctx", "op", "ops", "id", "attr", "arg", "name", "asname", "module", "level", "rest", "kwd_attrs"),
        *("kind", "type_comment", "type_ignores", "conversion", "simple", "is_async", "lineno", "tag"),
    )
)
_children: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Constant: (),
    ast.Global: (),
    ast.Nonlocal: (),
    ast.MatchSingleton: (),
}


def child_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The names of a node class's fields that hold nodes or lists of nodes."""
    known = _children.get(kind)
    if known is None:
        known = _children[kind] = tuple(name for name in kind._fields if name not in _PLAIN)
    return known


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it in the order of `ast.walk`, without operators and contexts (`ast.Load`)."""
    todo = deque((node,))
    while todo:
        node = todo.popleft()
        fields = _children.get(node.__class__)
        for name in child_fields(node.__class__) if fields is None else fields:
            child = getattr(node, name, None)
            if child.__class__ is list:
                todo.extend([item for item in child if item is not None])
            elif child is not None:
                todo.append(child)
        yield node


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of attributes on a name, else ""."""
    path = ""
    while isinstance(node, ast.Attribute):
        path = f".{node.attr}{path}"
        node = node.value
    return f"{node.id}{path}" if isinstance(node, ast.Name) else ""


@lru_cache(maxsize=256)
def within(node: ast.AST, *kinds: type[ast.AST]) -> tuple[ast.AST, ...]:
    """The node and those below it that are of some classes, in the order of `walk`; recalled when asked again."""
    return tuple([part for part in walk(node) if part.__class__ in kinds])


def parents_within(top: ast.AST) -> dict[ast.AST, ast.AST]:
    """Node -> syntactic parent, below `top`."""
    table: dict[ast.AST, ast.AST] = {}
    todo = [top]
    while todo:
        node = todo.pop()
        fields = _children.get(node.__class__)
        for name in child_fields(node.__class__) if fields is None else fields:
            child = getattr(node, name, None)
            if child.__class__ is list:
                for item in child:
                    if item is not None:
                        table[item] = node
                        todo.append(item)
            elif child is not None:
                table[child] = node
                todo.append(child)
    return table

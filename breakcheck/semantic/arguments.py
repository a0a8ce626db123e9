"""Call arguments, and binding them to a function's parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from breakcheck.semantic import values as v
from breakcheck.semantic.values import Kind, Value


class Arguments:
    """The arguments of one call.

    open_positional / open_keywords: a `*` or `**` of unknown content may hold more. rest: what an unknown `*` holds.
    """

    __slots__ = ("keywords", "open_keywords", "open_positional", "positional", "rest")

    def __init__(
        self,
        positional: list[Value] | None = None,
        keywords: dict[str, Value] | None = None,
        open_positional: bool = False,
        open_keywords: bool = False,
        rest: Value = v.UNKNOWN,
    ) -> None:
        self.positional = [] if positional is None else positional
        self.keywords = {} if keywords is None else keywords
        self.open_positional = open_positional
        self.open_keywords = open_keywords
        self.rest = rest

    @staticmethod
    def of(values: Iterable[Value]) -> Arguments:
        return Arguments(list(values))

    def having(self, positional: list[Value], keywords: dict[str, Value] | None = None) -> Arguments:
        """The same call with other positional (and keyword) arguments."""
        named = self.keywords if keywords is None else keywords
        return Arguments(positional, named, self.open_positional, self.open_keywords, self.rest)

    def first(self) -> Value:
        """The first positional argument, else the first keyword; UNKNOWN when there is none."""
        if self.positional:
            return self.positional[0]
        for value in self.keywords.values():
            return value
        return v.UNKNOWN

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position or of a name."""
        if position < len(self.positional):
            return self.positional[position]
        return self.keywords.get(name)

    def every(self) -> list[Value]:
        return [*self.positional, *self.keywords.values()]


ANY_ARGUMENTS = Arguments(open_positional=True, open_keywords=True)  # of a call that nobody has seen


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    """The named parameters in order, without `*args` and `**kwargs`."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def first_parameter(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> str:
    """The name of the parameter that a method's object is given as; "" when there is none."""
    for arg in node.args.posonlyargs or node.args.args:
        return arg.arg
    return ""


def defaults(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> dict[str, ast.expr]:
    """Parameter name -> default expression."""
    positional = [*node.args.posonlyargs, *node.args.args]
    found: dict[str, ast.expr] = {}
    if node.args.defaults:
        for arg, default in zip(positional[-len(node.args.defaults) :], node.args.defaults, strict=False):
            found[arg.arg] = default
    for arg, maybe in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=False):
        if maybe is not None:
            found[arg.arg] = maybe
    return found


class Bound(NamedTuple):
    """Parameters as given by a call: `missing` ones take their default, all others may have been given."""

    given: dict[str, Value]
    missing: set[str]


class Signature:
    """A function's parameters by name, taken down once for all its calls."""

    __slots__ = ("defaults", "kwarg", "named", "names", "positional", "vararg")

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self.positional = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        self.names = [*self.positional, *[arg.arg for arg in node.args.kwonlyargs]]
        self.named = frozenset(self.names)
        self.defaults = defaults(node)
        self.vararg = node.args.vararg.arg if node.args.vararg is not None else None
        self.kwarg = node.args.kwarg.arg if node.args.kwarg is not None else None

    def bind(self, args: Arguments) -> Bound:
        """Which parameter gets which argument."""
        given = dict(zip(self.positional, args.positional, strict=False))
        keywords = args.keywords
        for name in keywords:
            if name in self.named:
                given[name] = keywords[name]
        if args.open_positional or args.open_keywords:
            missing = self._missing_of_open(args, given)
        else:
            missing = set(self.named.difference(given))
        if self.vararg is not None:
            if args.open_positional:
                given[self.vararg] = v.container("tuple", element=args.rest)
            else:
                given[self.vararg] = v.container("tuple", args.positional[len(self.positional) :])
        if self.kwarg is not None:
            more = {name: value for name, value in keywords.items() if name not in self.named}
            given[self.kwarg] = Value(
                Kind.CONTAINER,
                name="dict",
                element=v.UNKNOWN if args.open_keywords else v.uniform(more.values()),
                fields=tuple(sorted(more.items(), key=lambda pair: pair[0])),
                unbacked=args.open_keywords,  # here: further keys may be present
            )
        return Bound(given, missing)

    def _missing_of_open(self, args: Arguments, given: dict[str, Value]) -> set[str]:
        """The parameters that not even a `*` or `**` of unknown content gives; a `*` of known content is given."""
        missing: set[str] = set()
        for name in self.names:
            if name in given:
                continue
            by_position = args.open_positional and name in self.positional
            if by_position and args.rest.kind is not Kind.UNKNOWN:
                # Whether the `*` holds as many is not known.
                given[name] = v.changed(args.rest, assumed=True) if name in self.defaults else args.rest
            elif not by_position and not args.open_keywords:
                missing.add(name)
        return missing


def takes(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, args: Arguments) -> bool:
    """Whether a function can be called with just the arguments that a call spells out."""
    positional = [*node.args.posonlyargs, *node.args.args]
    names = {arg.arg for arg in parameters(node)}
    given = {arg.arg for arg in positional[: len(args.positional)]} | set(args.keywords)
    if len(args.positional) > len(positional) and node.args.vararg is None:
        return False
    if node.args.kwarg is None and not names.issuperset(args.keywords):
        return False
    for arg, value in zip(positional, args.positional, strict=False):
        scalar = isinstance(arg.annotation, ast.Name) and arg.annotation.id in ("str", "int", "float", "bool")
        if scalar and value.kind is Kind.TENSOR:
            return False
    return args.open_positional or names - set(defaults(node)) <= given

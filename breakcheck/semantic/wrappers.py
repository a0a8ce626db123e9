"""Decorators of the project that put another function in a function's place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from breakcheck.semantic.arguments import Arguments, parameters
from breakcheck.semantic.outline import FunctionNode
from breakcheck.semantic.symbols import FunctionInfo
from breakcheck.semantic.trees import walk
from breakcheck.semantic.values import UNKNOWN, Kind, Value

if TYPE_CHECKING:
    from breakcheck.semantic.interpreter import Interpreter

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class Wrapper:
    """`inner` runs instead of the decorated function, which it knows as `parameter`.

    given: parameters of the factory around it and the decorator's own arguments for them.
    """

    inner: FunctionInfo
    parameter: str
    given: dict[str, ast.expr]
    decorated: FunctionInfo

    @property
    def names_parameters(self) -> bool:
        """Whether it takes more by name than an object: what it hands on may not be what it was given."""
        args = self.inner.node.args
        return len(args.posonlyargs) + len(args.args) > 1 or bool(args.kwonlyargs)

    def handed_on(self, env: dict[str, Value]) -> Arguments | None:
        """What it calls the decorated function with, of its own parameters' values; None where it does not call it."""
        call = _call_of(self.inner.node, self.parameter)
        if call is None:
            return None
        made = Arguments()
        for part in call.args:
            if not isinstance(part, ast.Starred):
                made.positional.append(self._own(part, env))
                continue
            value = self._untouched(part.value, env)
            made.open_positional |= value.items is None
            made.positional.extend(value.items or ())
        for keyword in call.keywords:
            if keyword.arg is not None:
                made.keywords[keyword.arg] = self._own(keyword.value, env)
            else:
                value = self._untouched(keyword.value, env)
                made.open_keywords |= value.kind is not Kind.CONTAINER or value.unbacked
                made.keywords.update(dict(value.fields or ()))
        return made

    def _own(self, node: ast.expr, env: dict[str, Value]) -> Value:
        """The value of one of its parameters, UNKNOWN of all else and of what it binds itself."""
        if not isinstance(node, ast.Name) or node.id in _bound(self.inner.node):
            return UNKNOWN
        return env.get(node.id, UNKNOWN)

    def _untouched(self, node: ast.expr, env: dict[str, Value]) -> Value:
        """The same of a `*` or `**`, UNKNOWN where it works on it too, as by `kwargs.pop(...)`."""
        once = isinstance(node, ast.Name) and _mentions(self.inner.node, node.id) == 1
        return self._own(node, env) if once else UNKNOWN

    def env(self, interpreter: Interpreter) -> dict[str, Value]:
        """What the wrapper closes over, apart from the function itself."""
        return {name: interpreter.detached(self.decorated.module, node) for name, node in self.given.items()}


def wrappers_of(interpreter: Interpreter, info: FunctionInfo) -> tuple[Wrapper, ...]:
    """The wrappers that decorators of the project leave around a function, the outermost first."""
    out: list[Wrapper] = []
    for decorator in info.decorators:
        called = isinstance(decorator, ast.Call)
        found = interpreter.world.resolve(
            info.module, decorator.func if isinstance(decorator, ast.Call) else decorator
        )
        if found is None or not isinstance(found.symbol, FunctionInfo):
            continue
        factory = found.symbol
        if isinstance(factory.node, ast.Lambda):
            continue
        made = _wrapping(factory.node, called)
        if made is None:
            continue
        inner, parameter = made
        given: dict[str, ast.expr] = {}
        if isinstance(decorator, ast.Call):
            names = [arg.arg for arg in (*factory.node.args.posonlyargs, *factory.node.args.args)]
            given.update(zip(names, decorator.args, strict=False))
            given.update({kw.arg: kw.value for kw in decorator.keywords if kw.arg is not None})
        qualname = f"{factory.qualname}.<locals>.{inner.name}"
        code = interpreter.nested(factory.module, inner, qualname)
        out.append(Wrapper(code, parameter, given, info))
    return tuple(out)


@lru_cache(maxsize=256)
def _wrapping(factory: Function, called: bool) -> tuple[Function, str] | None:
    """The function returned by a decorator and the name of the parameter that holds the decorated one."""
    inner = _returned_function(factory)
    if inner is None:
        return None
    deeper = _returned_function(inner)
    if deeper is not None:
        # A factory: `def deco(arg): def outer(func): def wrapper(...): ...`
        parameter = _single_parameter(inner)
        return (deeper, parameter) if parameter and _calls(deeper, parameter) else None
    parameter = _single_parameter(factory)
    if parameter and not called and _calls(inner, parameter):
        return inner, parameter
    return None


def _returned_function(node: Function) -> Function | None:
    nested = {
        part.name: part
        for part in _statements(node.body)
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    for part in _statements(node.body):
        if isinstance(part, ast.Return) and part.value is not None:
            value = part.value
            if isinstance(value, ast.Call) and value.args:
                value = (
                    value.args[0]
                    if not isinstance(value.func, ast.Name) or value.func.id not in nested
                    else value.func
                )
            if isinstance(value, ast.Name) and value.id in nested:
                return nested[value.id]
    return None


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for node in body:
        out.append(node)
        if isinstance(node, ast.If):
            out += _statements(node.body) + _statements(node.orelse)
    return out


def _single_parameter(node: Function) -> str:
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional else ""


def _calls(node: Function, name: str) -> bool:
    return _call_of(node, name) is not None


def _call_of(node: ast.AST, name: str) -> ast.Call | None:
    """The first call of a name."""
    for part in walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == name:
            return part
    return None


@lru_cache(maxsize=256)
def _bound(node: FunctionNode) -> frozenset[str]:
    """What a function binds apart from its parameters, functions in it and their parameters included."""
    own = node.args
    given = {id(arg) for arg in (*parameters(node), own.vararg, own.kwarg)}
    found: set[str | None] = set()
    for part in walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, (ast.Store, ast.Del)):
            found.add(part.id)
        elif isinstance(part, ast.arg) and id(part) not in given:
            found.add(part.arg)
        elif isinstance(part, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler, ast.FunctionDef, ast.ClassDef)):
            found.add(part.name)
        elif isinstance(part, ast.MatchMapping):
            found.add(part.rest)
        elif isinstance(part, ast.alias):
            found.add(part.asname or part.name.partition(".")[0])
    return frozenset(name for name in found if name is not None)


def _mentions(node: ast.AST, name: str) -> int:
    return sum(isinstance(part, ast.Name) and part.id == name for part in walk(node))

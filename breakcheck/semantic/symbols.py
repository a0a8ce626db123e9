"""What one source file defines: functions, classes, imports and assignments, by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from breakcheck.semantic.outline import FunctionNode, Written, definitions_in, without

_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
TEMPORARY_SCOPES = (ast.If, ast.Try, ast.With, ast.For, ast.While)


@dataclass(eq=False)
class Import:
    """`import module as name` (attribute None) or `from module import attribute as name`."""

    module: str
    attribute: str | None


@dataclass(eq=False)
class Assignment:
    """`name = value` or `name: annotation = value` at module or class level."""

    value: ast.expr | None
    annotation: ast.expr | None
    line: int


class FunctionInfo:
    """A function or method as written. `qualname` counts classes, and functions as `<locals>`.

    node: its syntax tree, parsed when first asked for where only its place is known. Properties rather than cached ones,
    which mypyc does not compile.
    """

    def __init__(
        self, module: ModuleInfo, node: FunctionNode | Written, qualname: str, owner: ClassInfo | None = None
    ) -> None:
        self.module = module
        self.qualname = qualname
        self.owner = owner
        self.name = qualname.rpartition(".")[2]
        self.full_name = f"{module.name}.{qualname}"
        self.written = node if isinstance(node, Written) else None
        self._node = None if isinstance(node, Written) else node
        self._decorators: list[ast.expr] | None = None
        self._symbol = ""

    @property
    def symbol(self) -> str:
        """ "package.module:Class.method"; always the same string, which is sent to another process but once."""
        if not self._symbol:
            self._symbol = f"{self.module.name}:{self.qualname}"
        return self._symbol

    @property
    def parsed(self) -> bool:
        """Whether its tree is there."""
        return self._node is not None

    @property
    def node(self) -> FunctionNode:
        if self._node is None:
            assert self.written is not None
            made = self.module.parse(self.written)
            assert isinstance(made, (ast.FunctionDef, ast.AsyncFunctionDef))
            self._node = made
        return self._node

    def stands_as(self, node: FunctionNode) -> FunctionNode:
        """The function's tree, which is this one where none is there yet."""
        if self._node is None:
            self._node = node
        return self._node

    @property
    def is_overload(self) -> bool:
        """Whether it declares types alone: another definition of its name runs."""
        for decorator in self.decorators:
            name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
            if name in ("overload", "_overload", "_overload_method"):
                return True
        return False

    @property
    def is_accessory(self) -> bool:
        """Whether another method of its name is the one that runs: of an overload, a setter."""
        return self.is_overload or any(
            isinstance(each, ast.Attribute) and each.attr in ("setter", "deleter", "register")
            for each in self.decorators
        )

    @property
    def decorators(self) -> list[ast.expr]:
        if self._decorators is None:
            self._decorators = self._written_decorators()
        return self._decorators

    def _written_decorators(self) -> list[ast.expr]:
        if self.written is not None and not self.parsed and not self.written.decorated(self.module.source):
            return []
        return [] if isinstance(self.node, ast.Lambda) else self.node.decorator_list

    @property
    def may_store(self) -> bool:
        """Whether a method may assign an attribute of its object, told without parsing it."""
        return self.written is None or self.parsed or self.written.may_store(self.module.source)


Names = dict[str, "list[Definition]"]


class ClassInfo:
    """A class as written; `members` maps a name to its definitions in source order.

    node: its syntax tree; without its methods where only the class's place was known.
    """

    def __init__(self, module: ModuleInfo, node: ast.ClassDef | Written, qualname: str) -> None:
        self.module = module
        self.qualname = qualname
        self.name = qualname.rpartition(".")[2]
        self.full_name = f"{module.name}.{qualname}"
        self.written = node if isinstance(node, Written) else None
        self.methods: Sequence[Written] = ()  # those that the tree is without
        self._node = None if isinstance(node, Written) else node
        self._members: Names | None = None

    @property
    def node(self) -> ast.ClassDef:
        if self._node is None:
            assert self.written is not None
            self.methods, self._node = self.module.parse_class(self.written)
        return self._node

    @property
    def members(self) -> Names:
        if self._members is None:
            self._members = {}
            _collect(_in_order(self.node.body, self.methods), self.module, self, self._members)
        return self._members

    def stands_as(self, node: ast.ClassDef) -> None:
        """Have this tree, with all methods; those that were parsed before take their place in it."""
        if self._members is not None:
            _graft(node.body, self._members)
        self._node, self.methods = node, ()

    def release(self) -> None:
        """Let go of the members, which refer to it."""
        if self._members is not None:
            self._members.clear()


Definition = FunctionInfo | ClassInfo | Import | Assignment


@dataclass(eq=False)
class ModuleInfo:
    """A read file: `names` maps a name to its definitions in source order, `stars` lists `from m import *`.

    tree: None while only what is asked for of the file is parsed.
    """

    path: Path
    name: str
    package: str  # what a relative import counts from
    tree: ast.Module | None
    source: str
    names: Names = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def parse(self, written: Written) -> ast.stmt:
        """A definition of a file of which no whole tree is there."""
        try:
            return written.parse(self.source)
        except (SyntaxError, ValueError):
            return self._in_whole(written)

    def parse_class(self, written: Written) -> tuple[Sequence[Written], ast.ClassDef]:
        """The methods of a class, and its tree without them."""
        methods = definitions_in(self.source, written.first, written.last, written.line, in_class=True) or ()
        if methods:
            text = without(self.source, written.first, written.last, written.line, methods)
            try:
                (made,) = ast.parse(text).body
            except (SyntaxError, ValueError):
                methods = ()
            else:
                assert isinstance(made, ast.ClassDef)
                return methods, made
        made = self.parse(written)
        assert isinstance(made, ast.ClassDef)
        return (), made

    def _in_whole(self, written: Written) -> ast.stmt:
        """The same, where the cut was no whole definition after all; of a broken file one that tells nothing."""
        try:
            whole = ast.parse(self.source)
        except (SyntaxError, ValueError):
            whole = ast.Module([], [])
        for node in ast.walk(whole):
            if isinstance(node, _DEFINED) and (_first_line(node), node.name) == (written.line, written.name):
                return node
        kind = "class {}: pass" if written.is_class else "def {}(*args, **kwargs): return unknown"
        return ast.parse(kind.format(written.name)).body[0]

    def whole(self) -> ast.Module:
        """The tree of all of the file, parsed now if only what was asked for has been. Raises SyntaxError."""
        if self.tree is None:
            self.complete(ast.parse(self.source))
        assert self.tree is not None
        return self.tree

    def complete(self, tree: ast.Module) -> None:
        """Have the whole tree too; what was parsed of it before takes its place in it."""
        self.tree = tree
        _graft(tree.body, self.names)

    def release(self) -> None:
        """Take the module apart: its symbols refer to it, and so would keep its tree without a collector."""
        for definitions in self.names.values():
            for found in definitions:
                if isinstance(found, ClassInfo):
                    found.release()
        self.names.clear()
        self.tree = None

    def functions(self) -> Iterator[FunctionInfo]:
        """Module-level functions and all methods, in source order."""
        for definitions in self.names.values():
            for found in definitions:
                if isinstance(found, FunctionInfo):
                    yield found
                elif isinstance(found, ClassInfo):
                    yield from _methods(found)

    def classes(self) -> Iterator[ClassInfo]:
        """Module-level classes, nested ones included."""
        for definitions in self.names.values():
            for found in definitions:
                if isinstance(found, ClassInfo):
                    yield from _nested(found)


def _methods(info: ClassInfo) -> Iterator[FunctionInfo]:
    for definitions in info.members.values():
        for found in definitions:
            if isinstance(found, FunctionInfo):
                yield found
            elif isinstance(found, ClassInfo):
                yield from _methods(found)


def _nested(info: ClassInfo) -> Iterator[ClassInfo]:
    yield info
    for definitions in info.members.values():
        for found in definitions:
            if isinstance(found, ClassInfo):
                yield from _nested(found)


def absolute_module(package: str, module: str | None, level: int) -> str:
    """The dotted name that `from ..module import x` in `package` means."""
    if level == 0:
        return module or ""
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (level - 1)]
    return ".".join([*kept, *([module] if module else [])])


def index_module(path: Path, name: str, is_package: bool, source: str, tree: ast.Module) -> ModuleInfo:
    """The symbols of a parsed file."""
    info = ModuleInfo(path, name, name if is_package else name.rpartition(".")[0], tree, source)
    _collect(tree.body, info, None, info.names)
    return info


def outline_module(path: Path, name: str, is_package: bool, source: str) -> ModuleInfo | None:
    """The same of a file of which only what is asked for gets parsed; None where its text does not tell enough."""
    found = definitions_in(source, 0, len(source), 1, in_class=False)
    if not found:
        return None
    try:
        rest = ast.parse(without(source, 0, len(source), 1, found))
    except (SyntaxError, ValueError):
        return None
    info = ModuleInfo(path, name, name if is_package else name.rpartition(".")[0], None, source)
    _collect(_in_order(rest.body, found), info, None, info.names)
    return info


def _in_order(body: Sequence[ast.stmt], written: Sequence[Written]) -> list[ast.stmt | Written]:
    """Statements and definitions by line."""
    if not written:
        return list(body)
    return sorted([*body, *written], key=lambda each: each.line if isinstance(each, Written) else each.lineno)


def _graft(body: list[ast.stmt], names: Names) -> None:
    """Put what was parsed before into the body of a tree, and give what was not its node there."""
    infos = {
        (found.written.line, found.written.name): found
        for definitions in names.values()
        for found in definitions
        if isinstance(found, (FunctionInfo, ClassInfo)) and found.written is not None
    }
    for index, node in enumerate(body):
        if not isinstance(node, _DEFINED):
            continue
        info = infos.get((_first_line(node), node.name))
        if isinstance(info, FunctionInfo):
            if isinstance(node, ast.ClassDef):
                continue
            known = info.stands_as(node)
            assert not isinstance(known, ast.Lambda)
            body[index] = known
        elif isinstance(info, ClassInfo) and isinstance(node, ast.ClassDef):
            info.stands_as(node)


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *[decorator.lineno for decorator in node.decorator_list]])


def imports_of(statement: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, Import]]:
    """The names an import statement binds; `*` for a star import."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, Import(alias.name, None)
            else:
                yield alias.name.partition(".")[0], Import(alias.name.partition(".")[0], None)
        return
    module = absolute_module(package, statement.module, statement.level)
    for alias in statement.names:
        yield (alias.asname or alias.name), Import(module, alias.name)


def _collect(
    body: Sequence[ast.stmt | Written],
    module: ModuleInfo,
    owner: ClassInfo | None,
    names: Names,
) -> None:
    prefix = f"{owner.qualname}." if owner else ""
    for node in body:
        if isinstance(node, Written):
            written = ClassInfo(module, node, prefix + node.name) if node.is_class else None
            names.setdefault(node.name, []).append(
                written or FunctionInfo(module, node, prefix + node.name, owner)
            )
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            made = FunctionInfo(module, node, prefix + node.name, owner)
            names.setdefault(node.name, []).append(made)
        elif isinstance(node, ast.ClassDef):
            inner = ClassInfo(module, node, prefix + node.name)
            names.setdefault(node.name, []).append(inner)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, target in imports_of(node, module.package):
                if name == "*":
                    module.stars.append(target.module)
                else:
                    names.setdefault(name, []).append(target)
        elif isinstance(node, ast.Assign):
            for goal in node.targets:
                if isinstance(goal, ast.Name):
                    names.setdefault(goal.id, []).append(Assignment(node.value, None, node.lineno))
                elif isinstance(goal, (ast.Tuple, ast.List)):
                    for element in goal.elts:
                        if isinstance(element, ast.Name):
                            names.setdefault(element.id, []).append(Assignment(None, None, node.lineno))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.setdefault(node.target.id, []).append(Assignment(node.value, node.annotation, node.lineno))
        elif isinstance(node, TEMPORARY_SCOPES):
            _collect(node.body, module, owner, names)
            if isinstance(node, ast.Try):
                for handler in node.handlers:
                    _collect(handler.body, module, owner, names)
                _collect(node.finalbody, module, owner, names)
            if not isinstance(node, ast.With):
                _collect(node.orelse, module, owner, names)

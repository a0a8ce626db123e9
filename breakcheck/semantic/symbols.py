"""What one source file defines: functions, classes, imports and assignments, by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
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


@dataclass(eq=False)
class FunctionInfo:
    """A function or method as written. `qualname` counts classes, and functions as `<locals>`."""

    module: ModuleInfo
    node: FunctionNode
    qualname: str
    owner: ClassInfo | None = None

    @property
    def full_name(self) -> str:
        return f"{self.module.name}.{self.qualname}"

    @property
    def name(self) -> str:
        return self.qualname.rpartition(".")[2]

    @property
    def decorators(self) -> list[ast.expr]:
        return [] if isinstance(self.node, ast.Lambda) else self.node.decorator_list


@dataclass(eq=False)
class ClassInfo:
    """A class as written; `members` maps a name to its definitions in source order."""

    module: ModuleInfo
    node: ast.ClassDef
    qualname: str
    members: dict[str, list[FunctionInfo | ClassInfo | Import | Assignment]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.module.name}.{self.qualname}"

    @property
    def name(self) -> str:
        return self.qualname.rpartition(".")[2]


@dataclass(eq=False)
class ModuleInfo:
    """A parsed file: `names` maps a name to its definitions in source order, `stars` lists `from m import *`."""

    path: Path
    name: str
    package: str  # what a relative import counts from
    tree: ast.Module
    source: str
    names: dict[str, list[FunctionInfo | ClassInfo | Import | Assignment]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def release(self) -> None:
        """Take the module apart: its symbols refer to it, and so would keep its tree without a collector."""
        for info in list(self.classes()):
            info.members.clear()
        self.names.clear()
        self.tree = ast.Module([], [])

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
    package = name if is_package else name.rpartition(".")[0]
    info = ModuleInfo(path, name, package, tree, source)
    _collect(tree.body, info, None, info.names)
    return info


def class_of_node(module: ModuleInfo, node: ast.ClassDef, qualname: str) -> ClassInfo:
    """The class as written, with its members."""
    made = ClassInfo(module, node, qualname)
    _collect(node.body, module, made, made.members)
    return made


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
    body: list[ast.stmt],
    module: ModuleInfo,
    owner: ClassInfo | None,
    names: dict[str, list[FunctionInfo | ClassInfo | Import | Assignment]],
) -> None:
    prefix = f"{owner.qualname}." if owner else ""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            made = FunctionInfo(module, node, prefix + node.name, owner)
            names.setdefault(node.name, []).append(made)
        elif isinstance(node, ast.ClassDef):
            inner = class_of_node(module, node, prefix + node.name)
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

"""Annotations to values: `Optional[torch.LongTensor]` is a tensor of ints that may be None."""

from __future__ import annotations

import ast

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.project import External
from breakcheck.semantic.symbols import Assignment, ClassInfo, ModuleInfo
from breakcheck.semantic.values import Kind, Value
from breakcheck.semantic.world import World

SEQUENCES = {
    "list",
    "List",
    "Sequence",
    "Iterable",
    "Iterator",
    "set",
    "Set",
    "Generator",
    "Collection",
    "deque",
}
MAPPINGS = {"dict", "Dict", "Mapping", "OrderedDict", "MutableMapping", "defaultdict"}
PLAIN = {
    "builtins.int": v.PY_INT,
    "builtins.float": v.PY_FLOAT,
    "builtins.bool": v.PY_BOOL,
    "builtins.str": v.PY_STR,
    "builtins.bytes": v.PYTHON,
    "builtins.slice": v.PYTHON,
    "torch.dtype": v.DTYPE,
    "torch.device": v.DEVICE,
    "torch.Size": v.SHAPE,
    "numpy.ndarray": v.NDARRAY,
    "builtins.list": Value(Kind.CONTAINER, name="list"),
    "builtins.dict": Value(Kind.CONTAINER, name="dict"),
    "builtins.tuple": Value(Kind.CONTAINER, name="tuple"),
    "builtins.set": Value(Kind.CONTAINER, name="set"),
    "typing.List": Value(Kind.CONTAINER, name="list"),
    "typing.Dict": Value(Kind.CONTAINER, name="dict"),
    "typing.Tuple": Value(Kind.CONTAINER, name="tuple"),
}


def refined(given: Value, declared: Value) -> Value:
    """A container with what only its declaration tells of the things that it holds."""
    if given.kind is not Kind.CONTAINER or declared.kind is not Kind.CONTAINER:
        return given
    if given.name and declared.name and given.name != declared.name:
        return given
    element, items = _told(given.element, declared.element), given.items
    if items and (declared.items is None or len(declared.items) == len(items)):
        told = declared.items or [declared.element] * len(items)
        items = tuple([_told(item, each) or item for item, each in zip(items, told, strict=True)])
        if all(one is other for one, other in zip(items, given.items or (), strict=True)):
            items = given.items
    if element is given.element and items is given.items:
        return given
    return v.changed(given, element=element, items=items)


def _told(given: Value | None, declared: Value | None) -> Value | None:
    if declared is None or given is None or (given.kind is Kind.UNKNOWN and not given.alts):
        return given if declared is None else declared
    return refined(given, declared)


class Annotations:
    """Reads annotations in the scope of their module."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._cache: dict[ast.expr, Value] = {}

    def value(self, annotation: ast.expr | None, module: ModuleInfo) -> Value:
        """The value an annotation promises; UNKNOWN when it says nothing we use."""
        if annotation is None:
            return v.UNKNOWN
        known = self._cache.get(annotation)
        if known is None:
            known = self._cache[annotation] = self._read(annotation, module, 0)
        return known

    def _read(self, node: ast.expr, module: ModuleInfo, depth: int) -> Value:
        if depth > 12:
            return v.UNKNOWN
        if isinstance(node, ast.Constant):
            if node.value is None:
                return v.NONE
            if isinstance(node.value, str):
                try:
                    return self._read(ast.parse(node.value, mode="eval").body, module, depth + 1)
                except SyntaxError:
                    return v.UNKNOWN
            return v.UNKNOWN
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union([node.left, node.right], module, depth)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, module, depth)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name(node, module, depth)
        return v.UNKNOWN

    def _union(self, parts: list[ast.expr], module: ModuleInfo, depth: int) -> Value:
        values = [self._read(part, module, depth + 1) for part in parts]
        optional = any(x.kind is Kind.NONE or x.optional for x in values)
        known = [x for x in values if x.kind is not Kind.NONE]
        if not known:
            return v.NONE
        if any(x.kind is Kind.UNKNOWN and not x.alts for x in known):
            tensors = [x for x in known if x.kind is Kind.TENSOR]
            # `Tensor | SomethingElse`: which of the two is not known, so neither is claimed.
            return v.changed(tensors[0], optional=optional) if tensors and len(known) == 1 else v.UNKNOWN
        return v.changed(v.join_all(known), optional=optional) if optional else v.join_all(known)

    def _subscript(self, node: ast.Subscript, module: ModuleInfo, depth: int) -> Value:
        found = self.world.resolve(module, node.value)
        name = ""
        if found is not None and isinstance(found.symbol, External):
            name = found.symbol.name
        elif isinstance(node.value, ast.Name):
            name = node.value.id
        last = name.rpartition(".")[2]
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if last == "Optional":
            value = self._read(parts[0], module, depth + 1)
            return v.changed(value, optional=True) if value.kind is not Kind.UNKNOWN or value.alts else value
        if last == "Union":
            return self._union(list(parts), module, depth)
        if last in ("Annotated", "Final", "ClassVar", "Required", "NotRequired"):
            return self._read(parts[0], module, depth + 1)
        if last in ("tuple", "Tuple"):
            if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis:
                return v.container("tuple", element=self._read(parts[0], module, depth + 1))
            items = [self._read(part, module, depth + 1) for part in parts]
            if len(items) == 1:
                # Code bases write `Tuple[Tensor]` for a tuple of any length.
                return v.container("tuple", element=items[0])
            return v.container("tuple", items)
        if last in SEQUENCES:
            return v.container(
                "list" if last in ("list", "List") else "", element=self._read(parts[0], module, depth + 1)
            )
        if last in MAPPINGS:
            return v.container("dict", element=self._read(parts[-1], module, depth + 1))
        if last in ("Callable", "type", "Type", "Literal", "Unpack"):
            return v.PYTHON if last == "Literal" else v.UNKNOWN
        if name.startswith("jaxtyping."):
            return self._read(parts[0], module, depth + 1)
        return self._name(node.value, module, depth + 1)

    def _name(self, node: ast.expr, module: ModuleInfo, depth: int) -> Value:
        found = self.world.resolve(module, node)
        if found is None:
            return v.UNKNOWN
        symbol = found.symbol
        if isinstance(symbol, External):
            return self.library(symbol.name)
        if isinstance(symbol, ClassInfo):
            return self.of_class(symbol)
        alias = symbol.value if isinstance(symbol, Assignment) else None
        if found.module is not None and isinstance(
            alias, (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp)
        ):
            return self._read(alias, found.module, depth + 1)
        return v.UNKNOWN

    def of_class(self, info: ClassInfo) -> Value:
        """What an annotation naming a project class promises."""
        bases = {base for base in self.world.mro(info) if isinstance(base, str)}
        if "typing.Protocol" in bases or "enum.Enum" in bases:
            return Value(Kind.PYTHON, name=info.full_name)
        value = self.world.instance(info)
        # An abstract base stands for its subclasses.
        return value

    def library(self, name: str) -> Value:
        """What an annotation naming a library class promises."""
        name = torch_api.canonical(name)
        if name in torch_api.TENSOR_CLASSES:
            return Value(Kind.TENSOR, dtype=torch_api.TENSOR_CLASSES[name])
        if name in PLAIN:
            return PLAIN[name]
        if name in torch_api.SEQUENCES:
            return Value(Kind.CONTAINER, name=name)
        if torch_api.is_module_class(name):
            return Value(Kind.MODULE, name=name)
        prefix, _, last = name.rpartition(".")
        if prefix in ("typing", "collections.abc", "builtins", "collections"):
            if last in SEQUENCES:
                return Value(Kind.CONTAINER)
            if last in MAPPINGS:
                return Value(Kind.CONTAINER, name="dict")
            return v.UNKNOWN
        if last[:1].isupper() and not name.startswith("typing"):
            return Value(Kind.PYTHON, name=name)
        return v.UNKNOWN

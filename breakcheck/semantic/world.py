"""Names to values: module globals, classes with their bases, library names; shared by all frames of one analysis."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from functools import cache

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.project import External, Found, Project
from breakcheck.semantic.symbols import Assignment, ClassInfo, Definition, FunctionInfo, Import, ModuleInfo
from breakcheck.semantic.values import Kind, Value

BUILTIN_NAMES = frozenset(dir(builtins))
BUILTIN_CLASSES = frozenset(name for name in BUILTIN_NAMES if isinstance(getattr(builtins, name), type))
MODULE_ROOT = "torch.nn.Module"
MAX_ALIASES = 4  # names for names, one after the other


@dataclass(eq=False, slots=True)
class Code:
    """A function as a value: what it closes over, what it is bound to, and the class it was found in."""

    info: FunctionInfo
    env: dict[str, Value] | None = None
    receiver: Value | None = None
    found_in: ClassInfo | None = None
    bound: tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]] | None = None  # functools.partial


@dataclass(eq=False, slots=True)
class Answered:
    """A function whose result is already known: what a wrapper calls instead of the function it wraps."""

    value: Value


@dataclass(eq=False, slots=True)
class BoundMethod:
    """A library method as a value: `x.item` of a tensor, `items.append` of a list."""

    receiver: Value
    node: ast.expr | None = None


@dataclass(eq=False, slots=True)
class Super:
    """What `super()` gives: attribute look-up after `after` in the order of `receiver`'s class."""

    receiver: Value
    after: ClassInfo


@cache
def external(name: str) -> Value:
    """The value of something in a library that is not read, by its dotted name."""
    name = torch_api.canonical(name)
    prefix, _, last = name.rpartition(".")
    if prefix == "torch" and last in torch_api.DTYPES:
        return Value(Kind.DTYPE, dtype=torch_api.DTYPES[last], name=name)
    if prefix == "typing" and last == "TYPE_CHECKING":
        return v.constant(False)
    if prefix in ("math", "numpy") and last in ("pi", "inf", "e", "nan", "newaxis"):
        return v.PY_FLOAT if last != "newaxis" else v.NONE
    if name in ("sys.version_info", "sys.platform", "os.environ", "sys.modules", "sys.argv"):
        return Value(Kind.PYTHON, name=name)
    if name in ("torch.strided", "torch.contiguous_format", "torch.channels_last", "torch.preserve_format"):
        return v.PYTHON
    if prefix == "builtins":
        return Value(
            Kind.CLASS if last in BUILTIN_CLASSES or last[:1].isupper() else Kind.FUNCTION, name=name
        )
    if last[:1].isupper() or name in ("torch.device", "numpy.ndarray", "torch.dtype", "collections.deque"):
        return Value(Kind.CLASS, name=name)
    return Value(Kind.FUNCTION, name=name)


def global_builtin(name: str) -> Value | None:
    """The value of a builtin name."""
    if name in ("__name__", "__file__", "__doc__"):
        return v.PY_STR
    if name in BUILTIN_NAMES:
        return external(f"builtins.{name}")
    return None


class World:
    """Look-ups that do not depend on where they are asked from."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._mro: dict[ClassInfo, tuple[ClassInfo | str, ...]] = {}
        self._members: dict[tuple[ClassInfo, str], list[tuple[ClassInfo, Definition]]] = {}
        self._methods: dict[ClassInfo, dict[str, FunctionInfo | None]] = {}
        self._modules: dict[ClassInfo, bool] = {}
        self._class_values: dict[ClassInfo, Value] = {}
        self._instances: dict[ClassInfo, Value] = {}
        self._descriptors: dict[FunctionInfo, str] = {}
        self._decorators: dict[FunctionInfo, tuple[str, ...]] = {}

    # Names ---------------------------------------------------------------------------------------------------

    def resolve(self, module: ModuleInfo, expr: ast.expr) -> Found | None:
        """The symbol of a dotted name in a module's scope."""
        if isinstance(expr, ast.Name):
            found = self.project.find(module, expr.id)
            if found is None and expr.id in BUILTIN_NAMES:
                return Found(External(f"builtins.{expr.id}"), None)
            return found
        if isinstance(expr, ast.Attribute):
            base = self.resolve(module, expr.value)
            return self.member_of(base, expr.attr) if base is not None else None
        if isinstance(expr, ast.Subscript):
            return self.resolve(module, expr.value)
        if isinstance(expr, ast.Constant) and isinstance(expr.value, str):
            try:
                return self.resolve(module, ast.parse(expr.value, mode="eval").body)
            except SyntaxError:
                return None
        return None

    def member_of(self, base: Found, name: str) -> Found | None:
        """`base.name` for a module, class or library name."""
        symbol = base.symbol
        if isinstance(symbol, External):
            return Found(External(f"{symbol.name}.{name}"), None)
        if isinstance(symbol, ModuleInfo):
            return self.project.find(symbol, name)
        if isinstance(symbol, ClassInfo):
            for definition in symbol.members.get(name, ()):
                if isinstance(definition, Import):
                    return self.project.imported(definition)
                return Found(definition, symbol.module)
        return None

    # Classes -------------------------------------------------------------------------------------------------

    def mro(self, info: ClassInfo) -> tuple[ClassInfo | str, ...]:
        """The class and its bases in look-up order; library classes by canonical name."""
        known = self._mro.get(info)
        if known is not None:
            return known
        self._mro[info] = (info,)  # a class that inherits from itself ends here
        sequences: list[list[ClassInfo | str]] = []
        direct: list[ClassInfo | str] = []
        for base in info.node.bases:
            found = self.resolve(info.module, base)
            if found is None:
                continue
            if isinstance(found.symbol, ClassInfo):
                sequences.append(list(self.mro(found.symbol)))
                direct.append(found.symbol)
            elif isinstance(found.symbol, External):
                name = torch_api.canonical(found.symbol.name)
                chain: list[ClassInfo | str] = [name]
                if name != MODULE_ROOT and torch_api.is_module_class(name):
                    chain.append(MODULE_ROOT)
                sequences.append(chain)
                direct.append(name)
        order = _merge([*sequences, direct])
        self._mro[info] = (info, *order)
        return self._mro[info]

    def is_module(self, info: ClassInfo) -> bool:
        """Whether a class is an nn.Module."""
        known = self._modules.get(info)
        if known is None:
            known = self._modules[info] = MODULE_ROOT in self.mro(info) or self.taken_for_module(info) != ""
        return known

    def taken_for_module(self, info: ClassInfo) -> str:
        """The base class that can't be read and for which a class with a `forward` is taken for a module; "" for none."""
        order = self.mro(info)
        if MODULE_ROOT in order or any(isinstance(base, str) and base.startswith("torch.") for base in order):
            return ""  # a module, or one of torch's classes that are none
        unknown = next((b for b in order if isinstance(b, str) and torch_api.may_be_module_class(b)), "")
        if not unknown:
            return ""
        method = self.method(info, "forward")
        if method is None or "torch" not in info.module.source:
            return ""
        if any(isinstance(each, ast.Name) and each.id.endswith("method") for each in method.decorators):
            return ""  # a static or class method takes no module
        args = method.node.args
        return unknown if len(args.posonlyargs) + len(args.args) > 1 or args.vararg is not None else ""

    def inherits(self, info: ClassInfo, name: str) -> bool:
        """Whether a class of this full or canonical name is among the bases (or is the class)."""
        return any((base if isinstance(base, str) else base.full_name) == name for base in self.mro(info))

    def members(
        self, info: ClassInfo, name: str, after: ClassInfo | None = None
    ) -> list[tuple[ClassInfo, Definition]]:
        """The definitions of a class attribute, nearest class first, all of the first class that has any."""
        if after is None:
            cached = self._members.get((info, name))
            if cached is not None:
                return cached
        order = self.mro(info)
        if after is not None and after in order:
            order = order[order.index(after) + 1 :]
        found: list[tuple[ClassInfo, Definition]] = []
        for base in order:
            if isinstance(base, ClassInfo) and name in base.members:
                found = [(base, definition) for definition in base.members[name]]
                break
        if after is None:
            self._members[info, name] = found
        return found

    def method(self, info: ClassInfo, name: str, after: ClassInfo | None = None) -> FunctionInfo | None:
        """The method of a name in look-up order; the last definition that is no overload or setter wins."""
        if after is not None:
            return _last_method(self.members(info, name, after))
        methods = self._methods.get(info)
        if methods is None:
            methods = self._methods[info] = {}
        if name not in methods:
            methods[name] = _last_method(self.members(info, name))
        return methods[name]

    def declared_fields(self, info: ClassInfo) -> list[tuple[str, Assignment]]:
        """The annotated fields of a class as a dataclass counts them, those of its bases first."""
        out: list[tuple[str, Assignment]] = []
        for base in reversed(self.mro(info)):
            if isinstance(base, ClassInfo):
                for name, definitions in base.members.items():
                    for definition in definitions:
                        if isinstance(definition, Assignment) and definition.annotation is not None:
                            out.append((name, definition))
        return out

    def library_base(self, info: ClassInfo) -> str:
        """The first library class among the bases that is a module other than nn.Module itself, else ""."""
        for base in self.mro(info):
            if isinstance(base, str) and base != MODULE_ROOT and torch_api.is_module_class(base):
                return base
        return ""

    def class_value(self, info: ClassInfo) -> Value:
        """A class as a value."""
        known = self._class_values.get(info)
        if known is None:
            known = self._class_values[info] = Value(Kind.CLASS, name=info.full_name, target=info)
        return known

    def instance(self, info: ClassInfo) -> Value:
        """An object of a class, when nothing is known of how it was made."""
        known = self._instances.get(info)
        if known is None:
            known = self._instances[info] = self._instance(info)
        return known

    def _instance(self, info: ClassInfo) -> Value:
        if self.is_module(info):
            library = self.library_base(info)
            if library in torch_api.SEQUENCES and self.method(info, "forward") is None:
                return Value(Kind.CONTAINER, name=library, target=info)
            return Value(Kind.MODULE, name=info.full_name, target=info)
        if self.inherits(info, "torch.Tensor"):
            return v.TENSOR
        return Value(Kind.PYTHON, name=info.full_name, target=info)

    def is_descriptor(self, info: FunctionInfo) -> str:
        """The qualified name of the descriptor a method is wrapped in ("builtins.property", ...), else ""."""
        if not info.decorators:
            return ""
        known = self._descriptors.get(info)
        if known is None:
            known = self._descriptors[info] = self._descriptor(info)
        return known

    def _descriptor(self, info: FunctionInfo) -> str:
        for decorator in info.decorators:
            name = self.decorator_name(info, decorator)
            if name in ("builtins.property", "functools.cached_property", "abc.abstractproperty"):
                return name
            if name.endswith((".cached_property", ".property", ".lazy_property", ".classproperty")):
                return "functools.cached_property" if "cached" in name else "builtins.property"
            if name.startswith(("builtins.staticmethod", "builtins.classmethod")):
                return name
        return ""

    def decorator_name(self, info: FunctionInfo, decorator: ast.expr) -> str:
        """The canonical name of what a decorator is, calls dropped; "" when unknown."""
        name = self.name_of(info.module, decorator)
        if not name and isinstance(decorator, ast.Call):
            name = self.name_of(info.module, decorator.func)
        return name

    def name_of(self, module: ModuleInfo, expr: ast.expr) -> str:
        """The canonical name of what an expression is, "" when unknown.

        Also by `getattr(torch, "compiler")`, `known or fallback`, `partial(torch.compile, ...)` and another name.
        """
        return torch_api.canonical(self._name_of(module, expr, MAX_ALIASES))

    def _name_of(self, module: ModuleInfo, expr: ast.expr, hops: int) -> str:
        if isinstance(expr, ast.BoolOp) and isinstance(expr.op, ast.Or):
            return self._name_of(module, expr.values[0], hops)
        if isinstance(expr, ast.Call):
            if expr.args and self._name_of(module, expr.func, hops) == "functools.partial":
                return self._name_of(module, expr.args[0], hops)
            if not (isinstance(expr.func, ast.Name) and expr.func.id == "getattr" and len(expr.args) > 1):
                return ""
            owner, attribute = expr.args[:2]
            if not (isinstance(attribute, ast.Constant) and isinstance(attribute.value, str)):
                return ""
            above = self._name_of(module, owner, hops)
            return f"{above}.{attribute.value}" if above else ""
        defined = module.names.get(expr.id, []) if isinstance(expr, ast.Name) else []
        for definition in defined if len(defined) > 1 else ():
            # `try: from torch.compiler import disable` with a function of our own for when there is none.
            found = (
                self.project.imported(definition)
                if isinstance(definition, Import)
                else Found(definition, module)
            )
            name = "" if found is None else self._symbol_name(found, hops)
            if name.startswith("torch."):
                return name
        found = self.resolve(module, expr)
        return "" if found is None else self._symbol_name(found, hops)

    def _symbol_name(self, found: Found, hops: int) -> str:
        symbol = found.symbol
        if isinstance(symbol, External):
            return symbol.name
        if isinstance(symbol, (FunctionInfo, ClassInfo)):
            return symbol.full_name
        if isinstance(symbol, Assignment) and symbol.value is not None and found.module is not None and hops:
            return self._name_of(found.module, symbol.value, hops - 1)
        return ""

    def decorator_names(self, info: FunctionInfo) -> tuple[str, ...]:
        known = self._decorators.get(info)
        if known is None:
            known = tuple([self.decorator_name(info, decorator) for decorator in info.decorators])
            self._decorators[info] = known
        return known


def _last_method(definitions: list[tuple[ClassInfo, Definition]]) -> FunctionInfo | None:
    for _, definition in reversed(definitions):
        if isinstance(definition, FunctionInfo) and not definition.is_accessory:
            return definition
    return None


def _merge(sequences: list[list[ClassInfo | str]]) -> list[ClassInfo | str]:
    """C3 linearisation; where bases disagree, the first that comes."""
    out: list[ClassInfo | str] = []
    sequences = [list(s) for s in sequences if s]
    while sequences:
        for sequence in sequences:
            head = sequence[0]
            if not any(head in other[1:] for other in sequences):
                break
        else:
            head = sequences[0][0]
        out.append(head)
        sequences = [[x for x in s if x is not head and x != head] for s in sequences]
        sequences = [s for s in sequences if s]
    return out

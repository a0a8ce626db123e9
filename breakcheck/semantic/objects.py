"""Objects of the project's classes: what their constructors and methods leave on them, their items and fields."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from breakcheck.semantic import values as v
from breakcheck.semantic.arguments import ANY_ARGUMENTS, parameters
from breakcheck.semantic.attributes import attribute
from breakcheck.semantic.facts import Reach
from breakcheck.semantic.frame import Frame
from breakcheck.semantic.symbols import Assignment, ClassInfo, FunctionInfo, Import
from breakcheck.semantic.trees import walk
from breakcheck.semantic.values import Kind, Value
from breakcheck.semantic.world import Code

if TYPE_CHECKING:
    from breakcheck.semantic.interpreter import Interpreter

MAX_DEPTH = 24  # nested calls followed from one root; deeper ones are taken by their annotations
UNTRACED_DEPTH = 4  # constructors and module-level code are followed less far
STOP = Reach("", ())

# Attribute name -> where a class's own methods assign it: method, value, annotation.
Stores = dict[str, list[tuple[FunctionInfo, ast.expr | None, ast.expr | None]]]


class Objects:
    """What is known of the instances of classes; one for an interpreter, which evaluates what makes them."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.world = interpreter.world
        self._instances: dict[ClassInfo, dict[str, Value]] = {}
        self._late: dict[tuple[ClassInfo, FunctionInfo, ast.expr], Value] = {}
        self._making = 0  # late attributes under way: until they are known, what is made of them is not kept
        # What `instance_attribute` gave, with what the constructor had left by then.
        self._attributes: dict[tuple[ClassInfo, str], tuple[Value | None, Value | None]] = {}
        self._stores: dict[ClassInfo, Stores] = {}
        self._storing: dict[FunctionInfo, bool] = {}  # whether a method sets attributes of its object
        self._keeping: dict[FunctionInfo, bool] = {}  # whether a method leaves an argument on its object

    def instance_of_class(self, cls: Value) -> Value:
        """An object of a class value."""
        if isinstance(cls.target, ClassInfo):
            return self.world.instance(cls.target)
        return self.interpreter.annotations.library(cls.name)

    def class_member(
        self, owner: ClassInfo, definition: FunctionInfo | ClassInfo | Import | Assignment
    ) -> Value:
        """The value of a class-level definition."""
        if isinstance(definition, Assignment):
            return self.interpreter.assigned(definition, owner.module)
        if isinstance(definition, ClassInfo):
            return self.world.class_value(definition)
        if isinstance(definition, FunctionInfo):
            return Value(Kind.FUNCTION, name=definition.full_name, target=Code(definition))
        found = self.world.project.imported(definition)
        return v.UNKNOWN if found is None else self.interpreter.symbol_value(found)

    def instance_attribute(self, info: ClassInfo, name: str) -> Value | None:
        """What `self.name` was set to in the constructor or elsewhere; None when it is never set."""
        made = self.constructed(info).get(name)
        known = self._attributes.get((info, name))
        if known is not None and known[0] is made:
            return known[1]
        found = self._set_to(info, name, made)
        if not self._making:
            self._attributes[info, name] = made, found
        return found

    def _set_to(self, info: ClassInfo, name: str, made: Value | None) -> Value | None:
        """`instance_attribute`, of which the constructor has left `made`."""
        values: list[Value] = []
        if made is not None:
            values.append(v.generalised(made))
        for base in self.world.mro(info):
            if isinstance(base, str):
                continue
            for method, expr, annotation in self.stores(base).get(name, ()):
                if method.name == "__init__":
                    if made is None and annotation is not None:
                        values.append(self.interpreter.annotations.value(annotation, base.module))
                    continue
                if expr is None:
                    continue
                late = self._late_store(info, base, method, expr)
                if late.kind is not Kind.UNKNOWN or late.alts:
                    values.append(v.generalised(late))
        if not values:
            return None
        if len(values) == 1 and made is not None and made.kind is Kind.CONST and made.const is False:
            # A flag that its class turns off and never on: what stands under it runs only for those who set it
            # from outside (`gradient_checkpointing`).
            return made
        found = v.join_all(values)
        if found.kind is Kind.CONTAINER and found.element is None and found.name in ("dict", "list"):
            return v.changed(found, items=None, fields=None, element=self._put_in(info, name))
        if found.kind is Kind.CONTAINER and found.items is not None and found.name == "list":
            return v.changed(found, items=None)  # it grows
        return found

    def _put_in(self, info: ClassInfo, name: str) -> Value | None:
        """What the class's methods put into its empty container, `self.name[key] = value`; None when not known."""
        values = [
            self._late_store(info, base, method, expr)
            for base in self.world.mro(info)
            if not isinstance(base, str)
            for method, expr, _ in self.stores(base).get(f"{name}[]", ())
            if expr is not None
        ]
        known = all(value.kind is not Kind.UNKNOWN or value.alts for value in values)
        return v.join_all(values) if values and known else None

    def _late_store(self, info: ClassInfo, base: ClassInfo, method: FunctionInfo, expr: ast.expr) -> Value:
        cache_key = (info, method, expr)
        known = self._late.get(cache_key)
        if known is None:
            self._late[cache_key] = v.UNKNOWN
            env = self.interpreter.entry(method, ANY_ARGUMENTS, False)
            positional = parameters(method.node)
            if positional:
                env[positional[0].arg] = self.world.instance(info)
            self._making += 1
            try:
                known = self._late[cache_key] = self.interpreter.detached(base.module, expr, env)
            finally:
                self._making -= 1
        return known

    def stores(
        self, info: ClassInfo
    ) -> dict[str, list[tuple[FunctionInfo, ast.expr | None, ast.expr | None]]]:
        """Attribute name -> where the class's own methods assign it: method, value, annotation."""
        known = self._stores.get(info)
        if known is not None:
            return known
        found: dict[str, list[tuple[FunctionInfo, ast.expr | None, ast.expr | None]]] = {}
        for definitions in info.members.values():
            for method in definitions:
                if isinstance(method, FunctionInfo) and method.may_store:
                    _self_stores(method, found)
        self._stores[info] = found
        return found

    def constructed(self, info: ClassInfo) -> dict[str, Value]:
        """The attributes that the constructor of a class leaves on its instance."""
        known = self._instances.get(info)
        if known is not None:
            return known
        attributes: dict[str, Value] = {}
        self._instances[info] = attributes
        init = self.world.method(info, "__init__")
        if init is not None:
            instance = self.world.instance(info)
            env = self.interpreter.entry(init, ANY_ARGUMENTS, False)
            positional = parameters(init.node)
            if positional:
                env[positional[0].arg] = instance
            frame = Frame(
                self.interpreter, init, {}, traced=False, depth=MAX_DEPTH - UNTRACED_DEPTH, reach=STOP
            )
            self.interpreter.enter(frame, Code(init, None, None, init.owner), env, STOP)
        return attributes

    def store_attribute(self, frame: Frame, base: Value, name: str, value: Value) -> None:
        """`base.name = value`: a constructor's stores make the instance's attributes."""
        if frame.traced or not isinstance(base.target, ClassInfo):
            return
        attributes = self._instances.setdefault(base.target, {})
        known = attributes.get(name)
        attributes[name] = value if known is None else v.join(known, value)

    def store_item(self, frame: Frame, node: ast.Subscript, base: Value, index: Value, value: Value) -> None:
        """`base[index] = value`: a container of a local name learns its new element."""
        if base.kind is not Kind.CONTAINER or not isinstance(node.value, ast.Name) or frame.env is None:
            return
        element = value if base.element is None else v.join(base.element, value)
        at = index.const if index.kind is Kind.CONST else None
        fields, opened, items = base.fields, base.unbacked, base.items
        if fields is not None:
            if isinstance(at, str):
                fields = tuple(sorted({**dict(fields), at: value}.items(), key=lambda pair: pair[0]))
            else:
                opened = True  # one key more, or another value of one
        if items is not None and isinstance(at, int) and -len(items) <= at < len(items):
            items = tuple([value if i == at % len(items) else item for i, item in enumerate(items)])
        frame.env[node.value.id] = v.changed(
            base, element=element, items=items, fields=fields, unbacked=opened
        )

    def object_item(self, frame: Frame, base: Value, index: Value) -> Value:
        """`base[index]` of an object of the project's own class: a dataclass output, a registry."""
        if not isinstance(base.target, ClassInfo):
            return v.UNKNOWN
        if index.kind is Kind.CONST and isinstance(index.const, str):
            found = attribute(frame, base, index.const)
            if found.kind is not Kind.UNKNOWN:
                return found
        if base.element is not None:
            return base.element
        method = self.world.method(base.target, "__getitem__")
        if index.kind is Kind.CONST and isinstance(index.const, int) and self._is_output(base.target):
            names = [n for n, d in self.world.declared_fields(base.target)]
            if index.const == 0 and len(names) > 1:
                return v.join_all([v.changed(self.field_value(base, n), optional=False) for n in names[:1]])
        if method is not None:
            return self.interpreter.call_code(frame, Code(method, None, base, method.owner), (index,))
        return v.UNKNOWN

    def _is_output(self, info: ClassInfo) -> bool:
        return any(isinstance(b, ClassInfo) and b.name == "ModelOutput" for b in self.world.mro(info)) or any(
            b in ("collections.OrderedDict", "typing.NamedTuple") for b in self.world.mro(info)
        )

    def field_value(self, base: Value, name: str) -> Value:
        """An annotated field of an object."""
        if base.fields is not None and name in dict(base.fields):
            return dict(base.fields)[name]
        if isinstance(base.target, ClassInfo):
            for owner, definition in self.world.members(base.target, name):
                if isinstance(definition, Assignment):
                    return self.interpreter.annotations.value(definition.annotation, owner.module)
        return v.UNKNOWN

    def call_method(self, frame: Frame, base: Value, name: str, args: Sequence[Value]) -> Value:
        """`base.name(*args)` for a method of the project, UNKNOWN when there is none."""
        if isinstance(base.target, ClassInfo):
            method = self.world.method(base.target, name)
            if method is not None:
                return self.interpreter.call_code(frame, Code(method, None, base, method.owner), args)
        return v.UNKNOWN

    def entered(self, frame: Frame, value: Value) -> Value:
        """What `with value as x` binds."""
        if isinstance(value.target, ClassInfo):
            found = self.call_method(frame, value, "__enter__", ())
            return found if found.kind is not Kind.UNKNOWN else value
        if value.kind is Kind.CONTAINER and value.name == "generator":
            return value.element or v.UNKNOWN
        if value.kind is Kind.PYTHON and value.name and not value.name.startswith("torch."):
            return value  # an object of a library's class gives itself, as far as we know
        return v.UNKNOWN

    def inherit(self, frame: Frame, code: Code) -> bool:
        """Take over what a base class of another file makes in its constructor, interpreted once for all."""
        info = code.info
        receiver = code.receiver.target if code.receiver is not None else None
        if info.owner is None or info.name != "__init__" or not isinstance(receiver, ClassInfo):
            return False
        if info.module is frame.module or info.owner is receiver:
            return False
        mine = self._instances.setdefault(receiver, {})
        for name, value in self.constructed(info.owner).items():
            mine[name] = value if name not in mine else v.join(mine[name], value)
        return True

    def idle(self, frame: Frame, function: Value) -> bool:
        """Whether a call whose result is dropped, outside traced code, changes nothing that we look for."""
        code = function.target
        if not isinstance(code, Code):
            return function.kind is Kind.CLASS
        info = code.info
        if info.name == "__init__" and info.owner is not None:
            return False
        if info.owner is None or (info.module is not frame.module and not self.keeps_argument(info)):
            return True
        if info not in self._storing:
            stored = any(
                method is info for found in self.stores(info.owner).values() for method, _, _ in found
            )
            self._storing[info] = stored or any(
                isinstance(part, ast.Attribute)
                and part.attr in ("register_buffer", "add_module", "append", "setattr")
                for part in walk(info.node)
            )
        return not self._storing[info]

    def keeps_argument(self, info: FunctionInfo) -> bool:
        """Whether a method leaves what it is given on its object: `self.processor = processor`."""
        known = self._keeping.get(info)
        if known is None:
            assert info.owner is not None
            names = {arg.arg for arg in parameters(info.node)}
            known = self._keeping[info] = info.name != "__init__" and any(
                isinstance(value, ast.Name) and value.id in names
                for found in self.stores(info.owner).values()
                for method, value, _ in found
                if method is info
            )
        return known


# `try`, and from Python 3.11 on the one of `except*`.
_TRIES: tuple[type[ast.Try], ...] = (ast.Try, *filter(None, [getattr(ast, "TryStar", None)]))
# Statements that hold others, with their fields in the order they are gone through.
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.If, ast.For, ast.AsyncFor, ast.While), ("body", "orelse")),
    **dict.fromkeys(
        (ast.With, ast.AsyncWith, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), ("body",)
    ),
    **dict.fromkeys(_TRIES, ("body", "orelse", "finalbody")),
}


def statements_within(body: list[ast.stmt]) -> list[ast.stmt]:
    """All statements of a body, nested ones included."""
    found: list[ast.stmt] = []
    _gather(body, found)
    return found


def _gather(body: list[ast.stmt], found: list[ast.stmt]) -> None:
    for node in body:
        found.append(node)
        fields = _BLOCKS.get(node.__class__)
        if fields is None:
            continue
        for name in fields:
            _gather(getattr(node, name), found)
        if isinstance(node, _TRIES):
            for handler in node.handlers:
                _gather(handler.body, found)


def _self_stores(
    method: FunctionInfo, found: dict[str, list[tuple[FunctionInfo, ast.expr | None, ast.expr | None]]]
) -> None:
    node = method.node
    positional = [*node.args.posonlyargs, *node.args.args]
    if not positional:
        return
    own = positional[0].arg
    if isinstance(node, ast.Lambda):
        return
    for part in statements_within(node.body):
        if part.__class__ is ast.Assign:
            assert isinstance(part, ast.Assign)
            for target in part.targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == own
                ):
                    found.setdefault(target.attr, []).append((method, part.value, None))
                elif (
                    isinstance(target, ast.Subscript)
                    and isinstance(target.value, ast.Attribute)
                    and isinstance(target.value.value, ast.Name)
                    and target.value.value.id == own
                ):
                    found.setdefault(f"{target.value.attr}[]", []).append((method, part.value, None))
        elif isinstance(part, ast.AnnAssign):
            target = part.target
            if (
                isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == own
            ):
                found.setdefault(target.attr, []).append((method, part.value, part.annotation))

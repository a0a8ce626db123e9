"""Builtin functions and the methods of builtin containers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.arguments import Arguments
from breakcheck.semantic.library import isinstance_value
from breakcheck.semantic.symbols import ClassInfo
from breakcheck.semantic.values import Kind, Value
from breakcheck.semantic.world import BoundMethod

if TYPE_CHECKING:
    from breakcheck.semantic.frame import Frame

Handler = Callable[["Frame", Arguments, "ast.Call | None"], Value]


def _len(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    first = args.first()
    if first.kind is Kind.CONTAINER and first.items is not None and first.name == "tuple":
        return v.constant(len(first.items))
    if first.kind is Kind.TENSOR:
        return v.UNBACKED_SIZE if first.unbacked else v.SIZE
    return v.PY_INT


def _scalar(name: str) -> Handler:
    def handler(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
        first = args.first()
        if first.kind is Kind.TENSOR:
            return Value(Kind.HOST, name=name, reasons=first.reasons, assumed=first.assumed)
        if first.kind in (Kind.HOST, Kind.SIZE):
            return first if name == "int" or first.kind is Kind.HOST else Value(Kind.PYTHON, name=name)
        if first.kind is Kind.CONST and name in ("int", "float", "bool"):
            try:
                return v.constant({"int": int, "float": float, "bool": bool}[name](first.const))
            except (TypeError, ValueError):
                return Value(Kind.PYTHON, name=name)
        if first.kind is Kind.NONE and name == "bool":
            return v.constant(False)
        return Value(Kind.PYTHON, name=name)

    return handler


def _sequence(name: str) -> Handler:
    def handler(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
        if not args.positional:
            return Value(Kind.CONTAINER, name=name, items=() if name == "tuple" else None)
        first = args.first()
        if first.kind is Kind.CONTAINER:
            items = first.items if name in ("list", "tuple") and first.name != "dict" else None
            element = frame.interpreter.iterate(first)
            return Value(Kind.CONTAINER, name=name, items=items, element=element, unbacked=first.unbacked)
        element = frame.interpreter.iterate(first)
        return Value(Kind.CONTAINER, name=name, element=element)

    return handler


def _dict(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    fields: dict[str, Value] | None = {}
    element: Value | None = None
    if args.positional:
        first = args.first()
        if first.kind is Kind.CONTAINER and first.fields is not None:
            fields = dict(first.fields)
            element = first.element
        else:
            fields = None
            pair = first.element if first.kind is Kind.CONTAINER else None
            if pair is not None and pair.items is not None and len(pair.items) == 2:
                element = pair.items[1]
            elif first.name == "dict":
                element = first.element
    if fields is not None:
        fields.update(args.keywords)
    for value in args.keywords.values():
        element = value if element is None else v.join(element, value)
    return Value(
        Kind.CONTAINER,
        name="dict",
        element=element,
        fields=None if fields is None else tuple(sorted(fields.items(), key=lambda pair: pair[0])),
        unbacked=args.open_keywords,
    )


def _range(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    unbacked = any(a.unbacked or a.kind is Kind.HOST for a in args.positional)
    return Value(Kind.CONTAINER, name="range", element=v.changed(v.PY_INT, unbacked=unbacked))


def _enumerate(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    each = frame.interpreter.iterate(args.first())
    return Value(Kind.CONTAINER, name="generator", element=v.container("tuple", (v.PY_INT, each)))


def _zip(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    if args.open_positional:
        inner = v.container("tuple", element=frame.interpreter.iterate(args.rest))
        return Value(Kind.CONTAINER, name="generator", element=inner)
    inner = v.container("tuple", [frame.interpreter.iterate(a) for a in args.positional])
    return Value(Kind.CONTAINER, name="generator", element=inner)


def _first_sequence(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    first = args.first()
    return Value(Kind.CONTAINER, name="list", element=frame.interpreter.iterate(first))


def _extreme(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    if len(args.positional) == 1:
        first = args.positional[0]
        value = frame.interpreter.iterate(first)
        return value if value.kind is not Kind.CONST else v.generalised(value)
    tensors = [value for value in args.positional if value.kind is Kind.TENSOR and not value.optional]
    # Of a tensor and a number the smaller is a tensor in the graph, whichever it is.
    return v.join_all(tensors or args.positional)


def _sum(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    value = frame.interpreter.iterate(args.first())
    return v.generalised(value)


def _abs(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    return v.generalised(args.first())


def _getattr(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    from breakcheck.semantic.attributes import attribute

    if len(args.positional) < 2:
        return v.UNKNOWN
    base, name = args.positional[0], args.positional[1]
    if name.kind is Kind.CONST and isinstance(name.const, str):
        found = attribute(frame, base, name.const)
        if len(args.positional) > 2:
            if found.kind is Kind.UNKNOWN and not found.alts:
                return v.UNKNOWN
            return v.join(found, args.positional[2])
        return found
    if base.name == "torch.nn":
        return Value(Kind.CLASS, name=torch_api.SOME_LAYER)
    if base.kind is Kind.MODULE and isinstance(base.target, ClassInfo):
        found_any = frame.interpreter.objects.instance_attribute(base.target, "*modules")
        if found_any is not None:
            return found_any
    return v.UNKNOWN


def _next(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    value = frame.interpreter.iterate(args.first())
    return v.join(value, args.positional[1]) if len(args.positional) > 1 else value


def _map(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    if len(args.positional) < 2:
        return v.UNKNOWN
    each = [frame.interpreter.iterate(a) for a in args.positional[1:]]
    return Value(
        Kind.CONTAINER,
        name="generator",
        element=frame.interpreter.call(frame, args.positional[0], Arguments.of(each)),
    )


def _filter(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    if len(args.positional) < 2:
        return v.UNKNOWN
    each = frame.interpreter.iterate(args.positional[1])
    if args.positional[0].kind is Kind.FUNCTION:
        frame.interpreter.call(frame, args.positional[0], Arguments.of([each]))
    return Value(Kind.CONTAINER, name="generator", element=v.changed(each, optional=False))


def _any_all(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    return v.PY_BOOL


def _type(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    first = args.first()
    if isinstance(first.target, ClassInfo) and first.kind in (Kind.MODULE, Kind.PYTHON):
        return frame.world.class_value(first.target)
    return v.UNKNOWN


def _round(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    first = args.first()
    return first if first.kind in (Kind.TENSOR, Kind.HOST, Kind.SIZE) else v.PY_INT


def _setattr(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    if len(args.positional) == 3:
        base, name, value = args.positional
        known = name.const if name.kind is Kind.CONST and isinstance(name.const, str) else "*modules"
        if known != "*modules" or value.kind is Kind.MODULE:
            frame.interpreter.objects.store_attribute(frame, base, known, value)
    return v.NONE


def _callable(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    first = args.first()
    if first.kind in (Kind.FUNCTION, Kind.CLASS, Kind.MODULE) and not first.optional:
        return v.constant(True)
    if first.kind in (Kind.TENSOR, Kind.CONST, Kind.CONTAINER, Kind.SIZE, Kind.HOST) and not first.assumed:
        return v.constant(False)
    return v.PY_BOOL


def _fixed(value: Value) -> Handler:
    def handler(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
        return value

    return handler


BUILTINS: dict[str, Handler] = {
    "len": _len,
    "int": _scalar("int"),
    "float": _scalar("float"),
    "bool": _scalar("bool"),
    "str": _fixed(v.PY_STR),
    "repr": _fixed(v.PY_STR),
    "format": _fixed(v.PY_STR),
    "list": _sequence("list"),
    "tuple": _sequence("tuple"),
    "set": _sequence("set"),
    "frozenset": _sequence("set"),
    "reversed": _sequence("list"),
    "iter": _sequence("list"),
    "dict": _dict,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "sorted": _first_sequence,
    "max": _extreme,
    "min": _extreme,
    "sum": _sum,
    "abs": _abs,
    "pow": _abs,
    "round": _round,
    "getattr": _getattr,
    "setattr": _setattr,
    "hasattr": _fixed(v.PY_BOOL),
    "callable": _callable,
    "issubclass": _fixed(v.PY_BOOL),
    "isinstance": isinstance_value,
    "any": _any_all,
    "all": _any_all,
    "next": _next,
    "map": _map,
    "filter": _filter,
    "type": _type,
    "id": _fixed(v.PY_INT),
    "hash": _fixed(v.PY_INT),
    "print": _fixed(v.NONE),
    "slice": _fixed(v.SLICE),
    "divmod": _fixed(Value(Kind.CONTAINER, name="tuple", element=v.PY_INT)),
}


def container_method(frame: Frame, name: str, args: Arguments, bound: BoundMethod) -> Value:
    """A method of a list, dict, tuple, str or library object."""
    receiver = bound.receiver
    last = name.rpartition(".")[2]
    if receiver.kind is Kind.CONTAINER:
        return _of_container(frame, last, args, bound)
    if v.python_type(receiver) == "str":
        if last in ("split", "splitlines", "rsplit", "partition"):
            return v.container("list", element=v.PY_STR)
        return v.PY_BOOL if last.startswith(("is", "starts", "ends")) else v.PY_STR
    if receiver.kind is Kind.NDARRAY:
        if last in ("item", "tolist"):
            return v.PYTHON
        return v.NDARRAY
    if receiver.kind in (Kind.HOST, Kind.SIZE):
        return receiver
    if (
        receiver.kind is Kind.PYTHON
        and receiver.element is not None
        and last in ("__getitem__", "get", "pop")
    ):
        return receiver.element
    from breakcheck.semantic.library import library_call

    return library_call(frame, name, args, None)


def _of_container(frame: Frame, name: str, args: Arguments, bound: BoundMethod) -> Value:
    receiver = bound.receiver
    element = receiver.element if receiver.element is not None else v.UNKNOWN
    if name in ("append", "add", "appendleft"):
        _grow(frame, bound, args.first())
        return v.NONE
    if name in ("extend", "update"):
        first = args.first()
        if name == "update" and receiver.name == "dict":
            fields = None
            if receiver.fields is not None:
                merged = {**dict(receiver.fields), **dict(first.fields or ()), **args.keywords}
                fields = tuple(sorted(merged.items(), key=lambda p: p[0]))
                if args.positional and (first.fields is None or first.unbacked):
                    bound = BoundMethod(v.changed(receiver, unbacked=True), bound.node)
            _grow(frame, bound, first.element or v.join_all(args.keywords.values()), fields)
        else:
            _grow(frame, bound, frame.interpreter.iterate(first))
        return v.NONE
    if name == "insert":
        _grow(frame, bound, args.positional[1] if len(args.positional) > 1 else v.UNKNOWN)
        return v.NONE
    if name == "keys":
        return v.container("list", element=v.PY_STR if receiver.fields else v.UNKNOWN)
    if name == "values":
        return v.container("list", element=element)
    if name == "items":
        return v.container(
            "list", element=v.container("tuple", (v.PY_STR if receiver.fields else v.UNKNOWN, element))
        )
    if name in ("get", "pop", "setdefault") and (receiver.name == "dict" or receiver.name.endswith("Dict")):
        if name == "pop":
            _drop(frame, bound, args.first())
        return _from_dict(receiver, name, args, element)
    if name in ("pop", "popleft", "popitem"):
        return element
    if name in ("copy", "union", "intersection", "difference"):
        return receiver
    if name == "numel":
        return v.UNBACKED_SIZE if receiver.unbacked else v.SIZE
    if name in ("index", "count"):
        return v.PY_INT
    return v.UNKNOWN


def _drop(frame: Frame, bound: BoundMethod, key: Value) -> None:
    """A local dict loses a key."""
    receiver = bound.receiver
    if isinstance(bound.node, ast.Name) and frame.env is not None and receiver.fields is not None:
        fields = tuple(pair for pair in receiver.fields if pair[0] != key.const)
        frame.env[bound.node.id] = v.changed(receiver, fields=fields)


def _from_dict(receiver: Value, name: str, args: Arguments, element: Value) -> Value:
    key = args.first()
    default = args.positional[1] if len(args.positional) > 1 else args.keywords.get("default")
    if key.kind is Kind.CONST and isinstance(key.const, str) and receiver.fields is not None:
        found = dict(receiver.fields).get(key.const)
        if found is not None:
            return found
        if not receiver.unbacked:
            return default if default is not None else v.NONE
        if default is not None:
            return v.generalised(default) if default.kind is not Kind.NONE else v.UNKNOWN
        return v.UNKNOWN
    if element.kind is Kind.UNKNOWN and not element.alts:
        return v.UNKNOWN
    return v.join(element, default if default is not None else v.NONE)


def _grow(
    frame: Frame, bound: BoundMethod, added: Value, fields: tuple[tuple[str, Value], ...] | None = None
) -> None:
    """A local container learns what was put into it."""
    from breakcheck.semantic.trees import dotted

    owner = bound.node
    if owner is None or frame.env is None:
        return
    path = owner.id if isinstance(owner, ast.Name) else dotted(owner)
    if not path:
        return
    receiver = bound.receiver
    element = added if receiver.element is None else v.join(receiver.element, added)
    grown = v.changed(receiver, element=element, items=None, fields=fields)
    if isinstance(owner, ast.Name):
        if owner.id in frame.env:
            frame.env[owner.id] = grown
        return
    frame.learn(path, grown)
    if isinstance(owner, ast.Attribute):
        base = frame.values.get(owner.value, v.UNKNOWN)
        frame.interpreter.objects.store_attribute(frame, base, owner.attr, grown)

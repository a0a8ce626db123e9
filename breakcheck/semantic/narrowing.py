"""What a condition tells about names once it is known to hold or not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.symbols import ClassInfo
from breakcheck.semantic.trees import dotted
from breakcheck.semantic.values import Kind, Value

if TYPE_CHECKING:
    from breakcheck.semantic.frame import Frame

Env = dict[str, Value]
BUILTIN_KINDS = {
    "builtins.int": {"int", "bool"},
    "builtins.float": {"float"},
    "builtins.bool": {"bool"},
    "builtins.str": {"str"},
}
CONTAINERS = {
    "builtins.list": "list",
    "builtins.tuple": "tuple",
    "builtins.dict": "dict",
    "builtins.set": "set",
}


def narrow(frame: Frame, test: ast.expr, env: Env, truth: bool) -> Env | None:
    """The environment in which `test` is `truth`, or None when that cannot be."""
    if isinstance(test, (ast.Name, ast.Attribute)):
        return _truthy(frame, test, env, truth)
    if isinstance(test, ast.Compare):
        return _compared(frame, test, env, truth) if len(test.ops) == 1 else env
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return narrow(frame, test.operand, env, not truth)
    if isinstance(test, ast.BoolOp):
        every = isinstance(test.op, ast.And)
        if every is truth:
            current: Env | None = env
            for part in test.values:
                if current is None:
                    return None
                current = narrow(frame, part, current, truth)
            return current
        open_parts = [part for part in test.values if _settled(frame, part) is not every]
        return narrow(frame, open_parts[0], env, truth) if len(open_parts) == 1 else env
    if isinstance(test, ast.NamedExpr):
        return _truthy(frame, test.target, env, truth)
    if isinstance(test, ast.Call) and test.args:
        name = frame.values.get(test.func, v.UNKNOWN).name
        if name == "builtins.isinstance" and len(test.args) == 2:
            return _isinstance(frame, test, env, truth)
        if name == "torch.is_tensor":
            return _put(frame, test.args[0], env, _as_tensor(frame, test.args[0], truth))
    return env


def _settled(frame: Frame, part: ast.expr) -> bool | None:
    """The truth of a part of a condition, when it is known whatever the path: the other part then decides."""
    value = frame.values.get(part)
    return None if value is None else v.truth(value)


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.NamedExpr):
        node = node.target
    return node.id if isinstance(node, ast.Name) else dotted(node)


def _put(frame: Frame, node: ast.expr, env: Env, value: Value | None) -> Env:
    path = _path(node)
    if path and value is not None:
        frame.known_below.add(path.partition(".")[0])
        env[path] = value
    return env


def _truthy(frame: Frame, node: ast.expr, env: Env, truth: bool) -> Env | None:
    value = frame.values.get(node)
    if value is None:
        return env
    if truth:
        if value.optional:
            return _put(frame, node, env, v.changed(value, optional=False))
        return env
    if value.optional and value.kind in (Kind.MODULE, Kind.FUNCTION, Kind.CLASS, Kind.TENSOR):
        # A tensor whose truth is asked breaks before it is known to be false.
        return _put(frame, node, env, v.NONE)
    if value.kind is Kind.PYTHON and value.name == "bool" and isinstance(node, ast.Name):
        return _put(frame, node, env, v.constant(False))
    return env


def _compared(frame: Frame, test: ast.Compare, env: Env, truth: bool) -> Env | None:
    op, right = test.ops[0], test.comparators[0]
    if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(right, ast.Constant) and right.value is None:
        is_none = isinstance(op, ast.Is) is truth
        value = frame.values.get(test.left)
        if value is None:
            return env
        if is_none:
            return _put(frame, test.left, env, v.NONE)
        if value.optional:
            return _put(frame, test.left, env, v.changed(value, optional=False))
        return env
    if isinstance(op, (ast.Eq, ast.NotEq)) and isinstance(op, ast.Eq) is truth:
        known = frame.values.get(right)
        value = frame.values.get(test.left)
        if known is not None and known.kind is Kind.CONST and value is not None and value.kind is Kind.PYTHON:
            return _put(frame, test.left, env, known)
    return env


def _as_tensor(frame: Frame, node: ast.expr, truth: bool) -> Value | None:
    value = frame.values.get(node, v.UNKNOWN)
    if not truth:
        return _without(value, lambda alt: alt.kind is Kind.TENSOR)
    found = [alt for alt in v.alternatives(value) if alt.kind is Kind.TENSOR]
    return found[0] if found else v.changed(v.TENSOR, assumed=False)


def _without(value: Value, drop: object) -> Value | None:
    if not value.alts:
        return None
    kept = [alt for alt in value.alts if not drop(alt)]  # type: ignore[operator]
    return v.changed(v.join_all(kept), optional=value.optional) if kept else None


def class_names(frame: Frame, node: ast.expr) -> list[Value] | None:
    """The classes named by the second argument of isinstance; None when one is unknown."""
    value = frame.values.get(node)
    if value is None:
        return None
    if value.kind is Kind.CLASS:
        return [value]
    if value.kind is Kind.CONTAINER and value.items is not None:
        out = list(value.items)
        return out if all(x.kind is Kind.CLASS for x in out) else None
    return None


def instance_of(frame: Frame, value: Value, cls: Value) -> bool | None:
    """Whether a value is an instance of a class; None when it may or may not be."""
    name = torch_api.canonical(cls.name)
    if value.kind is Kind.TENSOR:
        if name in torch_api.TENSOR_CLASSES:
            return True if name == "torch.Tensor" else None
        if value.assumed:
            return None
        if isinstance(cls.target, ClassInfo):
            return None if frame.world.inherits(cls.target, "torch.Tensor") else False
        return False if name.startswith(("builtins.", "numpy.")) else None
    if value.kind is Kind.NONE:
        return name == "builtins.NoneType"
    if value.kind in v.SCALARS:
        kind = v.python_type(value)
        if not kind or "." in kind:
            if isinstance(value.target, ClassInfo) and isinstance(cls.target, ClassInfo):
                return True if frame.world.inherits(value.target, cls.target.full_name) else None
            if isinstance(value.target, ClassInfo) and name.startswith("builtins."):
                return None
            return False if name in torch_api.TENSOR_CLASSES and value.kind is not Kind.PYTHON else None
        if name in BUILTIN_KINDS:
            return kind in BUILTIN_KINDS[name]
        return False if name in torch_api.TENSOR_CLASSES or name in CONTAINERS else None
    if value.kind is Kind.CONTAINER:
        if name in CONTAINERS:
            return CONTAINERS[name] == value.name if value.name in CONTAINERS.values() else None
        return False if name in torch_api.TENSOR_CLASSES or name in BUILTIN_KINDS else None
    if value.kind is Kind.MODULE:
        if isinstance(value.target, ClassInfo):
            if isinstance(cls.target, ClassInfo) or torch_api.is_module_class(name):
                return True if frame.world.inherits(value.target, name) else None
        elif value.name == name:
            return True
        return (
            False if name in torch_api.TENSOR_CLASSES or name in BUILTIN_KINDS or name in CONTAINERS else None
        )
    if value.kind is Kind.NDARRAY:
        return name == "numpy.ndarray"
    return None


def isinstance_truth(frame: Frame, value: Value, classes: list[Value] | None) -> bool | None:
    """What `isinstance(value, classes)` is, when known."""
    if classes is None or not classes:
        return None
    answers: set[bool | None] = set()
    for alt in v.alternatives(value):
        each = [instance_of(frame, alt, cls) for cls in classes]
        answers.add(True if True in each else None if None in each else False)
    if value.optional:
        answers.add(False)
    return answers.pop() if len(answers) == 1 else None


def _isinstance(frame: Frame, test: ast.Call, env: Env, truth: bool) -> Env | None:
    node = test.args[0]
    value = frame.values.get(node)
    classes = class_names(frame, test.args[1])
    if value is None or not classes:
        return env
    alts = v.alternatives(value)
    if value.alts or value.optional:
        kept = [
            alt
            for alt in alts
            if isinstance_truth(frame, v.changed(alt, optional=False), classes)
            in ((True, None) if truth else (False, None))
        ]
        if kept:
            narrowed = v.join_all([v.changed(k, optional=False) for k in kept])
            if not truth and value.optional:
                narrowed = (
                    v.changed(narrowed, optional=True) if narrowed.kind is not Kind.UNKNOWN else narrowed
                )
            return _put(frame, node, env, narrowed)
        return env
    if truth and value.kind is Kind.UNKNOWN and len(classes) == 1:
        return _put(frame, node, env, frame.interpreter.objects.instance_of_class(classes[0]))
    if truth and value.assumed and value.kind is Kind.TENSOR:
        made = frame.interpreter.objects.instance_of_class(classes[0])
        if made.kind not in (Kind.UNKNOWN, Kind.TENSOR):
            return _put(frame, node, env, made)
        if made.kind is Kind.TENSOR:
            return _put(frame, node, env, v.changed(value, assumed=False))
    return env

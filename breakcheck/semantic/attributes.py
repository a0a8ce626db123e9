"""`base.name` for every kind of base: tensors, modules, other objects, classes, containers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.symbols import Assignment, ClassInfo, FunctionInfo, ModuleInfo
from breakcheck.semantic.trees import dotted
from breakcheck.semantic.values import Kind, Value
from breakcheck.semantic.world import MODULE_ROOT, BoundMethod, Code, Super, external

if TYPE_CHECKING:
    from breakcheck.semantic.frame import Frame

# What library modules keep as tensors; everything else on them is configuration.
MODULE_TENSORS = {
    "weight": "float",
    "bias": "float",
    "in_proj_weight": "float",
    "in_proj_bias": "float",
    "running_mean": "float",
    "running_var": "float",
    "num_batches_tracked": "int",
}
CONTAINER_METHODS = frozenset(name for kind in (list, tuple, dict, set) for name in dir(kind)) | {
    "numel",
    "appendleft",
    "popleft",
    "move_to_end",
}
MODULE_OPTIONAL = {"bias", "in_proj_bias", "running_mean", "running_var", "num_batches_tracked"}
MODULE_DICTS = {"_parameters": v.TENSOR, "_buffers": v.TENSOR, "_modules": Value(Kind.MODULE)}


def on_attribute(frame: Frame, node: ast.Attribute) -> Value:
    """The value of an attribute expression."""
    base = frame.eval(node.value)
    if frame.env is not None and frame.known_below:
        root = node.value
        while root.__class__ is ast.Attribute:
            root = root.value
        if isinstance(root, ast.Name) and root.id in frame.known_below:
            found = frame.env.get(dotted(node))
            if found is not None:
                return found
    return attribute(frame, base, node.attr, node)


def attribute(frame: Frame, base: Value, name: str, node: ast.Attribute | None = None) -> Value:
    """`base.name`."""
    if base.alts and base.kind is not Kind.TENSOR:
        found = [attribute(frame, alt, name, node) for alt in base.alts]
        # An alternative without the attribute is not the one that is there.
        known = [value for value in found if value.kind is not Kind.UNKNOWN or value.alts]
        return v.join_all(known)
    return OF_KIND[base.kind](frame, base, name, node)


def _of_python(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    target = base.target
    if target is not None:
        if isinstance(target, ClassInfo):
            return _of_object(frame, base, name, node)
        if isinstance(target, ModuleInfo):
            return frame.interpreter.global_value(target, name)
        if isinstance(target, Super):
            return _of_super(frame, target, name)
    return _of_plain(base, name)


def _of_function(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    if isinstance(base.target, (Code, BoundMethod)):
        if name in ("__call__", "__wrapped__"):
            return base
        return v.PY_STR if name == "__name__" else v.UNKNOWN
    return external(f"{base.name}.{name}")


def _of_container(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    if base.name.startswith("torch.nn.") and isinstance(base.target, ClassInfo):
        return _of_object(frame, base, name, node)
    if name in ("values", "indices") and base.name == "tuple" and base.items and len(base.items) == 2:
        return base.items[0 if name == "values" else 1]
    if name not in CONTAINER_METHODS:
        return v.UNKNOWN
    method = f"builtins.{base.name or 'object'}.{name}"
    return Value(Kind.FUNCTION, name=method, target=BoundMethod(base, _owner(node)))


def _of_array(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    if name in ("shape", "ndim", "size", "dtype", "T"):
        return {"shape": v.container("tuple", element=v.PY_INT), "T": base, "dtype": v.PYTHON}.get(
            name, v.PY_INT
        )
    return Value(Kind.FUNCTION, name=f"numpy.ndarray.{name}", target=BoundMethod(base, _owner(node)))


def _of_scalar(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    method = f"builtins.{v.python_type(base) or 'object'}.{name}"
    return Value(Kind.FUNCTION, name=method, target=BoundMethod(base, _owner(node)))


def _of_device(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    return v.PY_STR if name == "type" else v.PY_INT


def _of_dtype(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    return v.PY_BOOL if name.startswith("is_") else v.PY_INT


def _of_nothing(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    return v.UNKNOWN


def _owner(node: ast.Attribute | None) -> ast.expr | None:
    return node.value if node is not None else None


def _of_tensor(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    if name == "shape":
        return v.UNBACKED_SHAPE if base.unbacked else v.SHAPE
    if name == "grad":
        return v.changed(base, optional=True)
    if name in torch_api.SIZE_ATTRIBUTES:
        return v.PY_INT
    code = torch_api.attribute_code(name)
    if code:
        made = torch_api.from_code(code, base.dtype if name not in ("real", "imag") else "float")
        if made.kind is not Kind.TENSOR:
            return made
        return v.like(v.changed(made, unbacked=True) if base.unbacked else made, base)
    if torch_api.method_codes(name):
        return Value(
            Kind.FUNCTION,
            name=f"torch.Tensor.{name}",
            target=BoundMethod(base, _owner(node)),
            assumed=base.assumed,
        )
    return v.UNKNOWN


def _of_plain(base: Value, name: str) -> Value:
    if base.name in ("int", "float", "bool", "str"):
        return Value(Kind.FUNCTION, name=f"builtins.{base.name}.{name}", target=BoundMethod(base))
    if base.fields is not None:
        found = dict(base.fields).get(name)
        if found is not None:
            return found
    if base.name:
        if base.name.endswith(("finfo", "iinfo")):
            return v.PY_FLOAT
        return Value(Kind.FUNCTION, name=f"{base.name}.{name}", target=BoundMethod(base))
    return v.UNKNOWN


def _of_class(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    info = base.target
    if not isinstance(info, ClassInfo):
        if base.name == "torch.Tensor" and torch_api.method_codes(name):
            return Value(Kind.FUNCTION, name=f"torch.Tensor.{name}")
        return external(f"{base.name}.{name}")
    if name == "__name__":
        return v.PY_STR
    world = frame.world
    for owner, definition in reversed(world.members(info, name)):
        if isinstance(definition, FunctionInfo):
            is_class_method = world.is_descriptor(definition) == "builtins.classmethod"
            receiver = base if is_class_method else None
            return Value(
                Kind.FUNCTION, name=definition.full_name, target=Code(definition, None, receiver, owner)
            )
        return frame.interpreter.objects.class_member(owner, definition)
    if name == "apply" and world.inherits(info, "torch.autograd.Function"):
        return Value(Kind.FUNCTION, name="torch.autograd.Function.apply", target=BoundMethod(base))
    for parent in world.mro(info):
        if isinstance(parent, str):
            if parent == "enum.Enum":
                return v.PYTHON
            return external(f"{parent}.{name}")
    return v.UNKNOWN


def _of_super(frame: Frame, proxy: Super, name: str) -> Value:
    receiver = proxy.receiver
    info = receiver.target
    if not isinstance(info, ClassInfo):
        return v.UNKNOWN
    found = frame.world.method(info, name, after=proxy.after)
    if found is not None:
        if frame.world.is_descriptor(found) in ("builtins.property", "functools.cached_property"):
            return frame.interpreter.call_code(frame, Code(found, None, receiver, found.owner), ())
        return Value(Kind.FUNCTION, name=found.full_name, target=Code(found, None, receiver, found.owner))
    for base in frame.world.mro(info):
        if isinstance(base, str) and base != MODULE_ROOT:
            return Value(Kind.FUNCTION, name=f"{base}.{name}", target=BoundMethod(receiver))
    if frame.world.is_module(info):
        return Value(Kind.FUNCTION, name=f"{MODULE_ROOT}.{name}", target=BoundMethod(receiver))
    return v.UNKNOWN


def _rebound(frame: Frame, kept: Value, base: Value, info: ClassInfo) -> Value:
    """What an object's constructor kept: a method of the object itself is its own class's, not the constructor's."""
    if kept.kind is not Kind.FUNCTION:
        return kept
    if kept.alts:
        return v.changed(kept, alts=tuple([_rebound(frame, alt, base, info) for alt in kept.alts]))
    code = kept.target
    if not isinstance(code, Code) or code.receiver is None:
        return kept
    bound_to = code.receiver.target
    if bound_to is info or not isinstance(bound_to, ClassInfo) or bound_to not in frame.world.mro(info):
        return kept
    method = frame.world.method(info, code.info.name) or code.info
    return Value(
        Kind.FUNCTION,
        name=method.full_name,
        target=Code(method, code.env, base, method.owner, code.bound),
    )


def _of_object(frame: Frame, base: Value, name: str, node: ast.Attribute | None) -> Value:
    info = base.target
    interpreter = frame.interpreter
    if not isinstance(info, ClassInfo):
        return _of_library_module(base, name)
    world = frame.world
    if name == "__class__":
        return world.class_value(info)
    if name == "training" and base.kind is Kind.MODULE:
        return v.PY_BOOL
    if base.fields is not None:
        for field_name, value in base.fields:
            if field_name == name:
                return value
    method = world.method(info, name)
    if method is not None:
        descriptor = world.is_descriptor(method)
        if descriptor in ("builtins.property", "functools.cached_property"):
            if node is not None:
                frame.record.descriptors[node] = descriptor
            return interpreter.call_code(frame, Code(method, None, base, method.owner), ())
        receiver = None if descriptor == "builtins.staticmethod" else base
        if descriptor == "builtins.classmethod":
            receiver = world.class_value(info)
        return Value(Kind.FUNCTION, name=method.full_name, target=Code(method, None, receiver, method.owner))
    found = interpreter.objects.instance_attribute(info, name)
    if found is not None:
        return _rebound(frame, found, base, info)
    for owner, definition in reversed(world.members(info, name)):
        if isinstance(definition, Assignment):
            declared = interpreter.annotations.value(definition.annotation, owner.module)
            if declared.kind is not Kind.UNKNOWN or declared.alts:
                return declared
        if (
            isinstance(definition, Assignment)
            and isinstance(definition.value, ast.Constant)
            and definition.value.value is False
        ):
            return v.constant(False)  # a flag that no method sets: instance attributes were asked first
        return v.generalised(interpreter.objects.class_member(owner, definition))
    if base.kind is Kind.MODULE:
        if name in MODULE_DICTS:
            return Value(Kind.CONTAINER, name="dict", element=MODULE_DICTS[name])
        library = world.library_base(info)
        if library and (name in MODULE_TENSORS or library in torch_api.RNN):
            return _of_library_module(Value(Kind.MODULE, name=library), name)
        if name in NN_MODULE_METHODS:
            return Value(Kind.FUNCTION, name=f"{MODULE_ROOT}.{name}", target=BoundMethod(base))
    for parent in world.mro(info):
        if isinstance(parent, str) and parent not in (
            MODULE_ROOT,
            "builtins.object",
            "typing.Generic",
            "abc.ABC",
        ):
            if base.kind is Kind.PYTHON and parent.startswith(("builtins.", "collections.")):
                return Value(Kind.FUNCTION, name=f"{parent}.{name}", target=BoundMethod(base, _owner(node)))
            if name in ("values", "items", "keys", "get", "pop", "append"):
                return Value(Kind.FUNCTION, name=f"{parent}.{name}", target=BoundMethod(base, _owner(node)))
    return v.UNKNOWN


def _of_library_module(base: Value, name: str) -> Value:
    if name == "training":
        return v.PY_BOOL
    if name in MODULE_DICTS:
        return Value(Kind.CONTAINER, name="dict", element=MODULE_DICTS[name])
    if name in MODULE_TENSORS:
        if base.name in ("torch.nn.Sequential", MODULE_ROOT, ""):
            return v.UNKNOWN
        if name == "bias" and base.name in torch_api.RNN:
            return v.PY_BOOL  # theirs is the setting
        optional = name in MODULE_OPTIONAL and not base.name.endswith("LayerNorm")
        return Value(Kind.TENSOR, dtype=MODULE_TENSORS[name], optional=optional)
    if name in NN_MODULE_METHODS or name.startswith("_"):
        return Value(Kind.FUNCTION, name=f"{MODULE_ROOT}.{name}", target=BoundMethod(base))
    if name in ("forward",):
        return Value(Kind.FUNCTION, name=f"{base.name}.forward", target=BoundMethod(base))
    return v.UNKNOWN if base.name in (MODULE_ROOT, "") else v.PYTHON


OF_KIND: dict[Kind, Callable[[Frame, Value, str, ast.Attribute | None], Value]] = {
    Kind.TENSOR: _of_tensor,
    Kind.MODULE: _of_object,
    Kind.PYTHON: _of_python,
    Kind.CLASS: _of_class,
    Kind.FUNCTION: _of_function,
    Kind.CONTAINER: _of_container,
    Kind.NDARRAY: _of_array,
    Kind.CONST: _of_scalar,
    Kind.HOST: _of_scalar,
    Kind.SIZE: _of_scalar,
    Kind.DEVICE: _of_device,
    Kind.DTYPE: _of_dtype,
    Kind.NONE: _of_nothing,
    Kind.UNKNOWN: _of_nothing,
}
NN_MODULE_METHODS = {
    "parameters",
    "named_parameters",
    "buffers",
    "named_buffers",
    "modules",
    "named_modules",
    "children",
    "named_children",
    "train",
    "eval",
    "to",
    "cuda",
    "cpu",
    "float",
    "half",
    "double",
    "bfloat16",
    "type",
    "state_dict",
    "load_state_dict",
    "register_buffer",
    "register_parameter",
    "add_module",
    "register_module",
    "requires_grad_",
    "zero_grad",
    "apply",
    "get_submodule",
    "get_parameter",
    "get_buffer",
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_backward_hook",
    "share_memory",
    "extra_repr",
    "compile",
    "__call__",
    "set_submodule",
    "to_empty",
    "__setattr__",
    "__getattr__",
    "__init__",
    "append",
    "extend",
    "insert",
}

"""Calls: what is called, with what, and what comes back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.arguments import Arguments, takes
from breakcheck.semantic.evidence import TELLING
from breakcheck.semantic.facts import Callee
from breakcheck.semantic.library import builtin_call, library_call, tensor_method
from breakcheck.semantic.symbols import Assignment, ClassInfo
from breakcheck.semantic.values import Kind, Reason, Value
from breakcheck.semantic.world import MODULE_ROOT, Answered, BoundMethod, Code, Super

if TYPE_CHECKING:
    from breakcheck.semantic.frame import Frame

DISABLING = (
    "torch.compiler.disable",
    "torch._dynamo.disable",
    "torch._disable_dynamo",
    "torch._dynamo.decorators.disable",
)
BUFFER = "torch.nn.Buffer"
REGISTERED = "torch.nn.Module.register_buffer"
# Functions that call their first argument with the rest.
APPLIERS = {
    "torch.utils.checkpoint.checkpoint": 1,
    "torch._dynamo.allow_in_graph": 1,
    "torch.jit.script_if_tracing": 1,
}
# Keywords of `nn.RNN`, `nn.LSTM` and `nn.GRU` that few other modules of torch.nn take.
RECURRENT_ONLY = frozenset(("bidirectional", "num_layers", "batch_first"))
# Methods that only an nn.Module has, on a receiver we know nothing about.
TELLING_OF_MODULES = frozenset(
    (
        *("register_forward_hook", "register_forward_pre_hook"),
        *("register_full_backward_hook", "register_full_backward_pre_hook"),
    )
)


# What has a name that tells all of a call: nothing but a rule asks for its callee again.
NAMED = (Kind.FUNCTION, Kind.CLASS, Kind.MODULE)


def on_call(frame: Frame, node: ast.Call) -> Value:
    """The value of a call expression; records its callee."""
    function = frame.eval(node.func)
    arguments = evaluate_arguments(frame, node)
    if frame.kept or function.kind not in NAMED:
        frame.record.callees[node] = callee_of(frame, node, function)
    if not frame.traced and node is frame.dropped and frame.interpreter.objects.idle(frame, function):
        return v.UNKNOWN
    frame.calling = node
    if function.kind is Kind.CLASS and function.name == "builtins.super":
        return _super(frame, node)
    return call_value(frame, function, arguments, node)


def evaluate_arguments(frame: Frame, node: ast.Call) -> Arguments:
    """The arguments of a call, stars unpacked where their content is known."""
    out = Arguments()
    positional, keywords = out.positional, out.keywords
    for arg in node.args:
        if arg.__class__ is ast.Starred:
            assert isinstance(arg, ast.Starred)
            value = frame.eval(arg.value)
            frame.values[arg] = value
            if value.kind is Kind.CONTAINER and value.items is not None and not out.open_positional:
                positional.extend(value.items)
            else:
                out.open_positional = True
                out.rest = frame.interpreter.iterate(value)
        else:
            value = frame.eval(arg)
            if not out.open_positional:
                positional.append(value)
    for keyword in node.keywords:
        value = frame.eval(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif value.kind is Kind.CONTAINER and value.fields is not None:
            for name, each in value.fields:
                keywords.setdefault(name, each)
            out.open_keywords = out.open_keywords or value.unbacked
        else:
            out.open_keywords = True
    return out


def callee_of(frame: Frame, node: ast.Call, function: Value) -> Callee:
    """The Callee a rule is told."""
    target = function.target
    receiver = target.receiver if isinstance(target, (BoundMethod, Code)) else None
    if function.kind in (Kind.FUNCTION, Kind.CLASS):
        assumed = function.assumed or (
            receiver is not None and receiver.kind is Kind.TENSOR and receiver.assumed
        )
        reasons = receiver.reasons if receiver is not None else function.reasons
        return Callee(function.name, reasons, assumed, receiver)
    if function.kind is Kind.MODULE:
        name = function.name
        if isinstance(target, ClassInfo) and frame.world.method(target, "forward") is None:
            name = frame.world.library_base(target) or name  # whose `forward` it is
        return Callee(f"{name}.__call__" if name else "", function.reasons, function.assumed, function)
    if function.kind is Kind.UNKNOWN and not function.alts and isinstance(node.func, ast.Attribute):
        owner = frame.values.get(node.func.value, v.UNKNOWN)
        if owner.kind is Kind.UNKNOWN and not owner.alts and node.func.attr in TELLING:
            reason = Reason(
                f"`.{node.func.attr}()` is a tensor's method", str(frame.module.path), node.lineno
            )
            return Callee(
                f"torch.Tensor.{node.func.attr}", (reason,), True, v.changed(v.TENSOR, assumed=True)
            )
        if owner.kind is Kind.UNKNOWN and not owner.alts and node.func.attr in TELLING_OF_MODULES:
            reason = Reason(
                f"`.{node.func.attr}()` is a module's method", str(frame.module.path), node.lineno
            )
            return Callee(
                f"{MODULE_ROOT}.{node.func.attr}", (reason,), True, Value(Kind.MODULE, assumed=True)
            )
    return Callee("", (), False, receiver)


def _super(frame: Frame, node: ast.Call) -> Value:
    receiver = frame.self_value
    owner = frame.found_in
    if len(node.args) == 2:
        cls = frame.values.get(node.args[0], v.UNKNOWN)
        owner = cls.target if isinstance(cls.target, ClassInfo) else owner
        receiver = frame.values.get(node.args[1], receiver)
    if receiver is None and frame.closure is not None:
        receiver = frame.closure.get("self")
    if receiver is None or not isinstance(owner, ClassInfo):
        return v.UNKNOWN
    return Value(Kind.PYTHON, name="builtins.super", target=Super(receiver, owner))


def call_value(frame: Frame, function: Value, args: Arguments, node: ast.Call | None = None) -> Value:
    """The value of calling `function` with `args`."""
    if function.alts:
        if len(function.alts) > v.MAX_ALTS:
            return _dispatched(frame, function.alts, args, node)
        return v.join_all([call_value(frame, alt, args, node) for alt in function.alts])
    kind = function.kind
    target = function.target
    if kind is Kind.FUNCTION:
        if isinstance(target, Code):
            if node is not None and is_disabled(frame, target):
                frame.record.disabled.add(node)
                return frame.interpreter.declared_return(target.info)
            return frame.interpreter.call_code(frame, target, args, node)
        if isinstance(target, BoundMethod):
            return _bound_method(frame, function, target, args, node)
        if isinstance(target, Answered):
            return target.value
        if function.name.startswith("torch.Tensor.") and args.positional:
            receiver = args.positional[0]
            rest = args.having(args.positional[1:])
            return tensor_method(frame, receiver, function.name[13:], rest, node)
        if function.name in APPLIERS and args.positional:
            return call_value(frame, args.positional[0], _plain(args).having(args.positional[1:]))
        if function.name.startswith("builtins."):
            return builtin_call(frame, function.name[9:], args, node)
        return library_call(frame, function.name, args, node)
    if kind is Kind.CLASS:
        return construct(frame, function, args, node)
    if not frame.traced and target is None and "bidirectional" in args.keywords:
        return _some_layer(args)
    if kind is Kind.MODULE:
        return call_module(frame, function, args)
    if kind is Kind.PYTHON and isinstance(target, ClassInfo):
        return (
            frame.interpreter.call_code(frame, code, args)
            if (code := _method(frame, function, "__call__"))
            else v.UNKNOWN
        )
    return _unknown_call(frame, args, node)


def _dispatched(frame: Frame, functions: tuple[Value, ...], args: Arguments, node: ast.Call | None) -> Value:
    """The value of calling one of a large table's functions: each is gone through once in a file.

    Of functions with different parameters only those are meant that the call gives all they need.
    """
    found = []
    meant = [
        function
        for function in functions
        if not isinstance(function.target, Code) or takes(function.target.info.node, args)
    ]
    for function in meant or functions:
        target = function.target
        if isinstance(target, Code) and not frame.interpreter.may_visit(target.info, 1):
            found.append(frame.interpreter.declared_return(target.info))
        else:
            found.append(call_value(frame, function, args, node))
    if node is not None:
        frame.record.disabled.discard(node)  # that one of them is disabled says nothing of the call
    return v.join_all(found)


def _plain(args: Arguments) -> Arguments:
    keywords = {
        k: x
        for k, x in args.keywords.items()
        if k not in ("use_reentrant", "preserve_rng_state", "context_fn")
    }
    return args.having(args.positional, keywords)


def _method(frame: Frame, value: Value, name: str) -> Code | None:
    if isinstance(value.target, ClassInfo):
        found = frame.world.method(value.target, name)
        if found is not None:
            return Code(found, None, value, found.owner)
    return None


def is_disabled(frame: Frame, code: Code) -> bool:
    """Whether a function is excluded from compilation by a decorator."""
    return bool(code.info.decorators) and any(
        name in DISABLING for name in frame.world.decorator_names(code.info)
    )


def _unknown_call(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    """A call of something unknown: on a tensor-only method, or on a module's attribute with a tensor, a tensor."""
    if node is None or not isinstance(node.func, ast.Attribute):
        return _applied(frame, args)
    callee = frame.record.callees.get(node)
    if callee is not None and callee.receiver is not None and callee.name.startswith("torch.Tensor."):
        return tensor_method(frame, callee.receiver, node.func.attr, args, node)
    owner = frame.values.get(node.func.value, v.UNKNOWN)
    first = args.first()
    if owner.kind is Kind.MODULE and args.positional and first.kind is Kind.TENSOR:
        reason = Reason(
            f"`{ast.unparse(node.func)}` is called with a tensor", str(frame.module.path), node.lineno
        )
        return Value(Kind.TENSOR, assumed=True, reasons=(reason,))
    return _applied(frame, args)


def _some_layer(args: Arguments) -> Value:
    """A module of a class that is not known."""
    if RECURRENT_ONLY.isdisjoint(args.keywords):
        return v.UNKNOWN
    reason = Reason("it is made as recurrent modules are")
    return Value(Kind.MODULE, name="torch.nn.RNN", assumed=True, reasons=(reason,))


def _applied(frame: Frame, args: Arguments) -> Value:
    """`checkpoint(function, *args)` under any name: a callable of ours handed over with its arguments."""
    first = args.positional[0] if args.positional else v.UNKNOWN
    ours = first.kind in (Kind.FUNCTION, Kind.MODULE) and isinstance(first.target, (Code, ClassInfo))
    if frame.self_value is not None and first.target is frame.self_value.target:
        return v.UNKNOWN  # `attend(self, query, key)`: an object that hands itself over is not called
    if ours and len(args.positional) > 1:
        return call_value(frame, first, _plain(args).having(args.positional[1:]))
    return v.UNKNOWN


def _bound_method(
    frame: Frame, function: Value, bound: BoundMethod, args: Arguments, node: ast.Call | None
) -> Value:
    name = function.name
    receiver = bound.receiver
    last = name.rpartition(".")[2]
    if receiver.kind is Kind.TENSOR:
        return tensor_method(frame, receiver, last, args, node)
    if name == "torch.autograd.Function.apply":
        code = _method(frame, v.changed(receiver), "forward")
        if code is not None:
            context = Value(Kind.PYTHON, name="torch.autograd.function.FunctionCtx")
            given = args.having([context, *args.positional])
            answer = frame.interpreter.call_code(frame, _of_class(frame, code, receiver), given)
            backward = _method(frame, v.changed(receiver), "backward") if frame.traced else None
            if backward is not None:  # traced with the forward, where something needs a gradient
                gradients = Arguments([context], open_positional=True, rest=v.FLOAT_TENSOR)
                frame.interpreter.call_code(frame, _of_class(frame, backward, receiver), gradients)
            return answer
        return v.TENSOR
    if name == f"{MODULE_ROOT}.__call__" or (last == "__call__" and receiver.kind is Kind.MODULE):
        return call_module(frame, receiver, args, skip_call=True)
    if receiver.kind is Kind.MODULE and name.startswith("torch.nn."):
        return module_method(frame, receiver, last, args)
    return builtin_call(frame, name.removeprefix("builtins."), args, node, bound)


def _of_class(frame: Frame, code: Code, cls: Value) -> Code:
    """A static or class method as its class hands it out."""
    if frame.world.is_descriptor(code.info) == "builtins.classmethod":
        return Code(code.info, code.env, cls, code.found_in)
    return Code(code.info, code.env, None, code.found_in)


def module_method(frame: Frame, receiver: Value, name: str, args: Arguments) -> Value:
    """A method that every nn.Module has."""
    parameter = Value(Kind.TENSOR, dtype="float")
    first = args.get(0, "name")
    if name in ("register_buffer", "register_parameter") and first is not None:
        value = args.get(1, "tensor" if name == "register_buffer" else "param") or v.UNKNOWN
        if value.kind is Kind.UNKNOWN and not value.alts:
            value = v.TENSOR
        if name == "register_buffer" and value.kind is Kind.TENSOR:
            value = v.changed(value, name=REGISTERED)
        if first.kind is Kind.CONST and isinstance(first.const, str):
            frame.interpreter.objects.store_attribute(frame, receiver, first.const, value)
        return v.NONE
    if name in ("add_module", "register_module") and first is not None:
        value = args.get(1, "module") or v.UNKNOWN
        if first.kind is Kind.CONST and isinstance(first.const, str):
            frame.interpreter.objects.store_attribute(frame, receiver, first.const, value)
        elif isinstance(receiver.target, ClassInfo) and not frame.traced:
            frame.interpreter.objects.store_attribute(frame, receiver, "*modules", value)
        return v.NONE
    if name in ("parameters", "buffers"):
        return Value(Kind.CONTAINER, name="generator", element=parameter)
    if name in ("named_parameters", "named_buffers"):
        return Value(Kind.CONTAINER, name="generator", element=v.container("tuple", (v.PY_STR, parameter)))
    if name in ("modules", "children"):
        return Value(Kind.CONTAINER, name="generator", element=Value(Kind.MODULE))
    if name in ("named_modules", "named_children"):
        pair = v.container("tuple", (v.PY_STR, receiver.element or Value(Kind.MODULE)))
        return Value(Kind.CONTAINER, name="generator", element=pair)
    if name in (
        "train",
        "eval",
        "to",
        "cuda",
        "cpu",
        "float",
        "half",
        "double",
        "bfloat16",
        "requires_grad_",
        "apply",
    ):
        return receiver
    if name in ("get_parameter", "get_buffer"):
        return parameter
    if name == "__init__":
        return _library_init(frame, receiver, args)
    return v.UNKNOWN


def _library_init(frame: Frame, receiver: Value, args: Arguments) -> Value:
    return v.NONE


def call_module(frame: Frame, module: Value, args: Arguments, skip_call: bool = False) -> Value:
    """The output of calling an nn.Module."""
    if module.alts:
        return v.join_all([call_module(frame, alt, args, skip_call) for alt in module.alts])
    info = module.target
    if isinstance(info, ClassInfo):
        names = ("forward",) if skip_call else ("__call__", "forward")
        for name in names:
            code = _method(frame, module, name)
            if code is not None:
                if is_disabled(frame, code):
                    if frame.calling is not None:
                        frame.record.disabled.add(frame.calling)
                    return frame.interpreter.declared_return(code.info)
                return frame.interpreter.call_code(frame, code, args)
            if name == "forward":
                for owner, definition in frame.world.members(info, "forward"):
                    if isinstance(definition, Assignment):
                        return call_value(
                            frame, frame.interpreter.objects.class_member(owner, definition), args
                        )
        library = frame.world.library_base(info)
        if library:
            return library_module(frame, v.changed(module, name=library, target=None), args)
        return v.UNKNOWN
    return library_module(frame, module, args)


def library_module(frame: Frame, module: Value, args: Arguments) -> Value:
    """The output of one of torch.nn's own modules."""
    name = module.name
    first = args.first()
    if name in ("", MODULE_ROOT):
        if first.kind is Kind.TENSOR:
            return Value(
                Kind.TENSOR, assumed=True, reasons=(Reason("output of a module called with a tensor"),)
            )
        return v.UNKNOWN
    if name == "torch.nn.Identity":
        return first
    if name == "torch.nn.Sequential":
        if module.items is not None:
            value = first
            for item in module.items:
                value = call_value(frame, item, Arguments.of([value]))
            return value
        if module.element is not None:
            value = call_value(frame, module.element, args)
            again = call_value(frame, module.element, Arguments.of([value]))
            return v.join(value, again) if again.kind is not Kind.UNKNOWN else value
        return Value(Kind.TENSOR, assumed=True, reasons=(Reason("output of nn.Sequential"),))
    if name in torch_api.RNN:
        return torch_api.from_code(torch_api.RNN[name])
    dtype = "" if name in ("torch.nn.Flatten", "torch.nn.Unflatten", "torch.nn.ZeroPad2d") else "float"
    if name.startswith("einops."):
        dtype = first.dtype
    return Value(Kind.TENSOR, dtype=dtype)


def construct(frame: Frame, cls: Value, args: Arguments, node: ast.Call | None) -> Value:
    """A new object of a class."""
    info = cls.target
    if not isinstance(info, ClassInfo):
        return _library_object(frame, cls.name, args, node)
    made = frame.interpreter.objects.instance_of_class(cls)
    init = frame.world.method(info, "__init__")
    if made.kind is Kind.CONTAINER:
        first = args.first()
        if first.kind is Kind.CONTAINER:
            return v.changed(made, items=first.items, element=first.element)
        return made
    if made.kind is Kind.MODULE:
        if (
            frame.world.library_base(info) in ("torch.nn.Sequential",)
            and frame.world.method(info, "forward") is None
        ):
            frame.interpreter.objects.constructed(info)
        if frame.traced and init is not None and init.module.name.partition(".")[0] != "torch":
            frame.interpreter.call_code(frame, Code(init, None, made, init.owner), args)
        return made
    if frame.traced and init is not None:
        frame.interpreter.call_code(frame, Code(init, None, made, init.owner), args)
    if init is None:
        names = [n for n, d in frame.world.declared_fields(info)]
        given = dict(zip(names, args.positional, strict=False))
        given.update(args.keywords)
        element = None
        if args.positional and args.positional[0].kind is Kind.CONTAINER and not names:
            element = args.positional[0].element
        return v.changed(
            made, fields=tuple(sorted(given.items(), key=lambda pair: pair[0])) or None, element=element
        )
    return made


def _library_object(frame: Frame, name: str, args: Arguments, node: ast.Call | None) -> Value:
    first = args.first()
    if name.startswith("builtins."):
        return builtin_call(frame, name[9:], args, node)
    if name == torch_api.SOME_LAYER:
        return _some_layer(args)
    if name in ("torch.nn.Parameter", "torch.nn.Buffer"):
        return v.changed(v.TENSOR, dtype=first.dtype or "float", name=name if name == BUFFER else "")
    if name in torch_api.TENSOR_CLASSES:
        return Value(Kind.TENSOR, dtype=torch_api.TENSOR_CLASSES[name])
    if name in torch_api.SEQUENCES:
        if first.kind is Kind.CONTAINER:
            return Value(Kind.CONTAINER, name=name, items=first.items, element=first.element)
        element = v.TENSOR if name == "torch.nn.ParameterList" else Value(Kind.MODULE)
        return Value(Kind.CONTAINER, name=name, element=element)
    if name in torch_api.MAPPINGS:
        held = first.element if first.kind is Kind.CONTAINER else None
        return Value(Kind.CONTAINER, name=name, element=held or Value(Kind.MODULE), fields=first.fields)
    if name == "torch.nn.Sequential":
        return _sequential(args)
    if torch_api.is_module_class(name):
        return Value(Kind.MODULE, name=name)
    if name == "torch.device":
        return v.DEVICE
    if name == "functools.partial":
        return _partial(first, args)
    made = library_call(frame, name, args, node)
    if made.kind is not Kind.UNKNOWN:
        return made
    return Value(Kind.PYTHON, name=name)


def _sequential(args: Arguments) -> Value:
    first = args.first()
    if len(args.positional) == 1 and first.kind is Kind.CONTAINER:
        element = first.element
        if (
            element is not None
            and element.kind is Kind.CONTAINER
            and element.items
            and len(element.items) == 2
        ):
            element = element.items[1]  # OrderedDict([(name, module), ...])
        return Value(Kind.MODULE, name="torch.nn.Sequential", element=element)
    if args.open_positional:
        element = v.join_all([*args.positional, args.rest])
        return Value(
            Kind.MODULE, name="torch.nn.Sequential", element=element if element.kind is Kind.MODULE else None
        )
    items = tuple(args.positional)
    return Value(
        Kind.MODULE, name="torch.nn.Sequential", items=items, element=v.join_all(items) if items else None
    )


def _partial(first: Value, args: Arguments) -> Value:
    if isinstance(first.target, Code):
        held = (tuple(args.positional[1:]), tuple(args.keywords.items()))
        return v.changed(first, target=replace_bound(first.target, held))
    return first


def replace_bound(code: Code, held: tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]) -> Code:
    """The same function with some arguments already given."""
    return Code(code.info, code.env, code.receiver, code.found_in, held)

"""What a function's parameters are on entry: what was given, else what is declared, else the default."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from breakcheck.semantic import values as v
from breakcheck.semantic.annotations import refined
from breakcheck.semantic.arguments import Arguments, Signature, parameters
from breakcheck.semantic.evidence import tensor_parameters
from breakcheck.semantic.symbols import FunctionInfo
from breakcheck.semantic.trees import dotted
from breakcheck.semantic.values import Kind, Reason, Value

if TYPE_CHECKING:
    from breakcheck.semantic.interpreter import Interpreter


TO_SETTLE = (Kind.CONST, Kind.UNKNOWN)  # what is not taken as it is given, where nothing is declared


class Parameter:
    """One parameter. absent: what it is where no argument is given, by whether it is left out and whether traced."""

    __slots__ = ("_with_reason", "absent", "arg", "declared", "default", "name")

    def __init__(self, arg: ast.arg, declared: Value, default: ast.expr | None) -> None:
        self.arg = arg
        self.name = arg.arg
        self.declared = declared
        self.default = default
        self.absent: dict[tuple[bool, bool], Value] = {}
        self._with_reason: Value | None = None

    def with_reason(self, info: FunctionInfo) -> Value:
        """The declared tensor, with its annotation for a reason."""
        if self._with_reason is None:
            assert self.arg.annotation is not None
            annotation = _usual_text(self.arg.annotation) or ast.unparse(self.arg.annotation)
            text = f"parameter `{self.name}` annotated `{annotation}`"
            reason = Reason(text, str(info.module.path), self.arg.lineno)
            self._with_reason = v.changed(self.declared, reasons=(reason,))
        return self._with_reason


class Parameters:
    """The parameters of one function: what all its calls have in common is worked out once."""

    __slots__ = ("_evidence", "each", "info", "signature")

    def __init__(self, interpreter: Interpreter, info: FunctionInfo) -> None:
        self.info = info
        self.signature = Signature(info.node)
        declared = interpreter.annotations.value
        self.each = [
            Parameter(arg, declared(arg.annotation, info.module), self.signature.defaults.get(arg.arg))
            for arg in parameters(info.node)
        ]
        self._evidence: frozenset[str] | None = None

    def entry(self, interpreter: Interpreter, arguments: Arguments, traced: bool) -> dict[str, Value]:
        """The parameters' values on entry, for the arguments of a call."""
        env: dict[str, Value] = {}
        given, missing = self.signature.bind(arguments)
        for parameter in self.each:
            name = parameter.name
            value = given.get(name)
            if value is not None:
                if parameter.declared is not v.UNKNOWN or value.kind in TO_SETTLE:
                    value = self._settled(interpreter, parameter, agreed(value, parameter.declared), traced)
            else:
                left_out = name in missing
                value = parameter.absent.get((left_out, traced))
                if value is None:
                    value = self._absent(interpreter, parameter, left_out)
                    value = self._settled(interpreter, parameter, value, traced)
                    parameter.absent[left_out, traced] = value
            env[name] = value
        for extra in (self.signature.vararg, self.signature.kwarg):
            if extra is not None:
                env[extra] = given[extra]
        return env

    def _absent(self, interpreter: Interpreter, parameter: Parameter, left_out: bool) -> Value:
        """A parameter without an argument: left out, its default; else, since any caller may give it, its type."""
        default = parameter.default
        if left_out and default is not None:
            return self._default_value(interpreter, default)
        declared = parameter.declared
        is_none = isinstance(default, ast.Constant) and default.value is None
        if declared.kind is not Kind.UNKNOWN or declared.alts:
            return v.changed(declared, optional=True) if is_none and not declared.optional else declared
        if default is not None and not is_none:
            return v.generalised(self._default_value(interpreter, default))
        return v.UNKNOWN

    def _default_value(self, interpreter: Interpreter, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant):
            return v.constant(node.value)
        return interpreter.default_value(self.info.module, node)

    def _settled(self, interpreter: Interpreter, parameter: Parameter, value: Value, traced: bool) -> Value:
        """A parameter's value as the body sees it: numbers vary, and what is used as a tensor is one."""
        kind = value.kind
        if kind is Kind.CONST:
            const = value.const
            if isinstance(const, (int, float, complex)) and not isinstance(const, bool):
                return v.generalised(value)
        elif kind is Kind.TENSOR:
            if value is parameter.declared:
                return parameter.with_reason(self.info)
        elif traced and kind is Kind.UNKNOWN and not value.alts:
            if self._evidence is None:
                self._evidence = tensor_parameters(interpreter.world, self.info)
            name = parameter.name
            if name in self._evidence:
                text = f"parameter `{name}` is used as a tensor"
                reason = Reason(text, str(self.info.module.path), parameter.arg.lineno)
                optional = parameter.default is not None
                return Value(Kind.TENSOR, assumed=True, optional=optional, reasons=(reason,))
        return value


def _usual_text(node: ast.expr) -> str:
    """The text of an annotation of the usual forms, `torch.Tensor` or `Tensor | None`; "" of others: unparsing is slow."""
    if isinstance(node, ast.Constant) and node.value is None:
        return "None"
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitOr)
        and not isinstance(node.right, ast.BinOp)
    ):
        left, right = _usual_text(node.left), _usual_text(node.right)
        return f"{left} | {right}" if left and right else ""
    if isinstance(node, ast.Subscript):
        of, held = dotted(node.value), _usual_text(node.slice)
        return f"{of}[{held}]" if of and held else ""
    return dotted(node)


def agreed(given: Value, declared: Value) -> Value:
    """What a caller gave, unless only the annotation knows."""
    if given.kind is Kind.UNKNOWN and not given.alts:
        return declared
    if declared.kind is Kind.UNKNOWN and not declared.alts:
        return given
    if given.alts and given.kind is Kind.UNKNOWN:
        # Of the things it may be, the one that the function says it takes.
        if declared.kind in v.SCALARS:
            return declared
        if declared.kind is Kind.CONTAINER:
            held = next((alt for alt in given.alts if alt.kind is Kind.CONTAINER), declared)
            return refined(held, declared)
    if given.assumed and declared.kind not in (Kind.TENSOR, Kind.UNKNOWN):
        return declared
    if given.kind is Kind.TENSOR and declared.kind is Kind.TENSOR:
        # A mask is often declared LongTensor by the outer function and BoolTensor by the one that uses it.
        narrower = declared.dtype == "bool" and given.dtype == "int"
        dtype = declared.dtype if narrower else given.dtype or declared.dtype
        if dtype == given.dtype and not given.assumed and given is not declared:
            return given
        return v.changed(given, dtype=dtype, assumed=False)
    if given.kind is Kind.CONTAINER:
        return refined(given, declared)
    if given.kind is Kind.PYTHON and not given.name and given.target is None:
        return declared
    return given

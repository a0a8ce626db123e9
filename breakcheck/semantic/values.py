"""Abstract values: what an expression may be at run time, and why we believe so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(str, Enum):
    """The kinds of value that matter to a compiler's view of Python."""

    TENSOR = "tensor"
    SIZE = "size"  # an int that comes from a shape: symbolic under Dynamo, no data read
    HOST = "host"  # a Python scalar (or list of them) read out of a tensor's data
    CONST = "const"  # a Python constant known here: `Value.const`
    PYTHON = "python"  # a Python object that is no tensor: str, config, int attribute, ...
    NDARRAY = "ndarray"
    MODULE = "module"  # an nn.Module instance
    CONTAINER = "container"  # list, tuple, dict, set: `Value.items` / `Value.element`
    DTYPE = "dtype"
    DEVICE = "device"
    FUNCTION = "function"  # something callable whose name is known
    CLASS = "class"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reason:
    """Why a fact holds: "parameter annotated Tensor" at path:line."""

    text: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Value:
    """What one expression may be.

    assumed: at least one step on the way was an assumption (an unannotated parameter taken for a tensor).
    dtype: "bool", "int", "float", "complex" or "" for a tensor's dtype class when known.
    optional: may also be None.
    unbacked: a size or shape that depends on data (`nonzero().shape[0]`).
    """

    kind: Kind
    reasons: tuple[Reason, ...] = ()
    assumed: bool = False
    dtype: str = ""
    const: object = None
    name: str = ""  # qualified name of a FUNCTION or CLASS, of a MODULE's class, of a PYTHON object's class
    element: Value | None = None  # what iterating a CONTAINER gives, when uniform
    items: tuple[Value, ...] | None = None  # a tuple's or list's elements when each is known
    optional: bool = False
    unbacked: bool = False

    @property
    def is_tensor(self) -> bool:
        return self.kind is Kind.TENSOR

    @property
    def is_host(self) -> bool:
        return self.kind is Kind.HOST


UNKNOWN = Value(Kind.UNKNOWN)

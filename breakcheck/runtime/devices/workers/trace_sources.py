"""Which line of the user's code an equation or an exception of a trace comes from, and what it was about."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import jax
import numpy

from breakcheck.runtime.devices.workers.user_code import is_users


@dataclass(frozen=True)
class Source:
    """A line of the user's code; "" and 0 where none is on the stack."""

    path: str
    line: int
    function: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def source_of(equation: Any) -> Source:
    """The innermost line of the user's code that made a jaxpr equation."""
    trace = equation.source_info.traceback
    for frame in trace.frames if trace is not None else ():
        if is_users(frame.file_name):
            return Source(frame.file_name, frame.line_num, frame.function_name)
    return Source("", 0, "")


def equations(jaxpr: Any) -> Iterator[Any]:
    """Every equation of a jaxpr and of those inside it."""
    for equation in jaxpr.eqns:
        yield equation
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, (list, tuple)) else (parameter,):
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    yield from equations(inner)


def doubles(jaxpr: Any) -> list[Source]:
    """The user's lines that make a float64 array (not a scalar), each once."""
    found: dict[Source, None] = {}
    for equation in equations(jaxpr):
        inputs = [v.aval for v in equation.invars if hasattr(v, "aval")]
        outputs = [v.aval for v in equation.outvars]
        if any(_is_double(aval) for aval in outputs) and not any(_is_double(aval) for aval in inputs):
            found[source_of(equation)] = None
    return list(found)


def _is_double(aval: Any) -> bool:
    dtype = getattr(aval, "dtype", None)
    return dtype is not None and dtype == numpy.float64 and getattr(aval, "size", 1) > 1


_VALUE = "needs the value of a tensor while the program is being traced"
_KINDS: tuple[tuple[type[BaseException] | str, str], ...] = (
    (jax.errors.NonConcreteBooleanIndexError, "makes a shape out of tensor values (boolean mask)"),
    (jax.errors.TracerBoolConversionError, f"branches on a tensor: it {_VALUE}"),
    (jax.errors.TracerIntegerConversionError, f"takes a Python int from a tensor: it {_VALUE}"),
    (jax.errors.TracerArrayConversionError, f"converts a tensor to numpy: it {_VALUE}"),
    (jax.errors.ConcretizationTypeError, f"reads a tensor back to Python: it {_VALUE}"),
    ("OperatorNotFound", "has no lowering to XLA"),
)


def explain(error: BaseException) -> dict[str, Any]:
    """What stopped a trace: kind, op, message in one line, and the user's line."""
    kind, sentence = type(error).__name__, ""
    for wanted, words in _KINDS:
        if (isinstance(wanted, str) and kind == wanted) or (
            not isinstance(wanted, str) and isinstance(error, wanted)
        ):
            sentence = words
            break
    op, source = "", Source("", 0, "")
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if is_users(path):
            source, op = (
                Source(
                    path,
                    line,
                    frame.f_code.co_qualname
                    if hasattr(frame.f_code, "co_qualname")
                    else frame.f_code.co_name,
                ),
                "",
            )
        elif path.endswith("torchax/tensor.py") and "func" in frame.f_locals:
            func = frame.f_locals["func"]
            op = str(func.name() if hasattr(func, "name") else getattr(func, "__name__", func))
    first = " ".join(str(error).split("\n\n")[0].split()) or kind
    return {
        "kind": kind,
        "op": op,
        "message": sentence or f"{kind}: {first[:300]}",
        "source": source.to_dict(),
        "known": bool(sentence),
    }

"""Abstract values: what an expression may be at run time, and why we believe so."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Any, ClassVar, Final, NamedTuple


class Kind:
    """The kinds of value that matter to a compiler's view of Python.

    No Enum: a member of one takes four times as long to look up, and each node that is evaluated looks up ten.
    """

    __slots__ = ("text",)

    TENSOR: ClassVar[Kind]
    SIZE: ClassVar[Kind]  # an int that comes from a shape: symbolic under Dynamo, no data read
    HOST: ClassVar[Kind]  # a Python scalar (or list of them) read out of a tensor's data
    CONST: ClassVar[Kind]  # a Python constant known here: `Value.const`
    PYTHON: ClassVar[Kind]  # a Python object that is no tensor: str, config, int attribute, ...
    NDARRAY: ClassVar[Kind]
    MODULE: ClassVar[Kind]  # an nn.Module instance
    CONTAINER: ClassVar[Kind]  # list, tuple, dict, set: `Value.items` / `Value.element` / `Value.fields`
    DTYPE: ClassVar[Kind]
    DEVICE: ClassVar[Kind]
    FUNCTION: ClassVar[Kind]  # something callable whose name is known
    CLASS: ClassVar[Kind]
    NONE: ClassVar[Kind]
    UNKNOWN: ClassVar[Kind]

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Kind.{self.text.upper()}: {self.text!r}>"

    def __reduce__(self) -> tuple[Callable[[str], Kind], tuple[str]]:
        return _kind, (self.text,)  # there is one of each


def _kind(text: str) -> Kind:
    """The kind of a name."""
    found: Kind = getattr(Kind, text.upper())
    return found


_KINDS = (
    *("tensor", "size", "host", "const", "python", "ndarray", "module", "container", "dtype", "device"),
    *("function", "class", "none", "unknown"),
)
for _text in _KINDS:
    setattr(Kind, _text.upper(), Kind(_text))


class Reason(NamedTuple):
    """Why a fact holds: "parameter annotated Tensor" at path:line."""

    text: str
    path: str = ""
    line: int = 0


# What tells one value from another, in the order of the arguments that make it.
_TOLD = (
    *("kind", "reasons", "assumed", "dtype", "const", "name", "element", "items", "optional", "unbacked"),
    *("fields", "alts"),
)

_told = attrgetter(*_TOLD)
_NUMPY_NUMBER: Final = "numpy.number"


class Value:
    """What one expression may be. Shared, and so never changed once made; `changed` gives another.

    Written out rather than a dataclass: a million of them are made for a large package, and a frozen dataclass takes
    three times as long to make.

    reasons: why we believe it.
    assumed: at least one step on the way was an assumption (an unannotated parameter taken for a tensor).
    dtype: "bool", "int", "float", "complex" or "" for a tensor's dtype class when known.
    const: the constant of a CONST.
    name: qualified name of a FUNCTION or CLASS, of a MODULE's, a PYTHON object's or a buffer's class.
    element: what iterating a CONTAINER gives, when uniform.
    items: a tuple's or list's elements when each is known.
    optional: may also be None.
    unbacked: a size or shape that depends on data (`nonzero().shape[0]`).
    fields: a dict's string keys, an object's attributes.
    alts: for an UNKNOWN or MODULE, what it may be when it is one of a few known things.
    target: the analyser's own handle on a function, class or module; no rule reads it, and it tells no two apart.
    """

    __slots__ = (*_TOLD, "target", "known_key", "known_text", "sent")

    def __init__(
        self,
        kind: Kind,
        reasons: tuple[Reason, ...] = (),
        assumed: bool = False,
        dtype: str = "",
        const: object = None,
        name: str = "",
        element: Value | None = None,
        items: tuple[Value, ...] | None = None,
        optional: bool = False,
        unbacked: bool = False,
        fields: tuple[tuple[str, Value], ...] | None = None,
        alts: tuple[Value, ...] = (),
        target: object = None,
    ) -> None:
        self.kind = kind
        self.reasons = reasons
        self.assumed = assumed
        self.dtype = dtype
        self.const = const
        self.name = name
        self.element = element
        self.items = items
        self.optional = optional
        self.unbacked = unbacked
        self.fields = fields
        self.alts = alts
        self.target = target
        self.known_key: Hashable = None  # what `key` gave
        self.known_text = ""  # what `key_text` gave
        self.sent: Value | None = None  # what another file is told of it

    @property
    def is_tensor(self) -> bool:
        return self.kind is Kind.TENSOR

    @property
    def is_numpy_number(self) -> bool:
        """Whether numpy computed it of plain numbers: Dynamo makes a tensor of it whose value it knows."""
        return self.name == _NUMPY_NUMBER

    def _told(self) -> tuple[object, ...]:
        """The arguments that make it again, but for `target`, which points into this process's syntax trees."""
        told: tuple[object, ...] = _told(self)
        return told

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash((self.kind, self.name, self.dtype))

    def __reduce__(self) -> tuple[type[Value], tuple[object, ...]]:
        return Value, self._told()

    def __repr__(self) -> str:
        told = zip(_TOLD[1:], self._told()[1:], strict=True)
        given = [f"{name}={value!r}" for name, value in told if value not in (None, "", (), False)]
        return f"Value({', '.join([self.kind.text.upper(), *given])})"


# Final, so that compiled code need not look them up.
UNKNOWN: Final = Value(Kind.UNKNOWN)
NONE: Final = Value(Kind.NONE)
SIZE: Final = Value(Kind.SIZE)
TENSOR: Final = Value(Kind.TENSOR)
BOOL_TENSOR: Final = Value(Kind.TENSOR, dtype="bool")
INT_TENSOR: Final = Value(Kind.TENSOR, dtype="int")
FLOAT_TENSOR: Final = Value(Kind.TENSOR, dtype="float")
PY_INT: Final = Value(Kind.PYTHON, name="int")
PY_FLOAT: Final = Value(Kind.PYTHON, name="float")
PY_BOOL: Final = Value(Kind.PYTHON, name="bool")
PY_STR: Final = Value(Kind.PYTHON, name="str")
PYTHON: Final = Value(Kind.PYTHON)
_OF_TYPE = {"int": PY_INT, "float": PY_FLOAT, "bool": PY_BOOL, "str": PY_STR}
NDARRAY: Final = Value(Kind.NDARRAY)
NUMPY_INT: Final = Value(Kind.NDARRAY, name=_NUMPY_NUMBER, dtype="int")
NUMPY_FLOAT: Final = Value(Kind.NDARRAY, name=_NUMPY_NUMBER, dtype="float")
HOST: Final = Value(Kind.HOST)
DTYPE: Final = Value(Kind.DTYPE)
DEVICE: Final = Value(Kind.DEVICE)
SHAPE: Final = Value(Kind.CONTAINER, name="torch.Size", element=SIZE)
SLICE: Final = Value(Kind.PYTHON, name="slice")
UNBACKED_SLICE: Final = Value(Kind.PYTHON, name="slice", unbacked=True)
UNBACKED_SIZE: Final = Value(Kind.SIZE, unbacked=True)
UNBACKED_SHAPE: Final = Value(Kind.CONTAINER, name="torch.Size", element=UNBACKED_SIZE, unbacked=True)

MAX_CLASSES: Final = 16  # of a table of classes, and of the objects made of them
OF_CLASSES: Final = {Kind.MODULE, Kind.CLASS, Kind.PYTHON}
MAX_ALTS: Final = 5
MAX_TARGETS: Final = 40  # functions of one dispatch table
SCALARS = {Kind.CONST, Kind.PYTHON, Kind.SIZE, Kind.HOST}


KEPT: Final[Any] = object()  # stands for "as it was" where None means something else


def with_reasons(value: Value, told: Mapping[Reason, tuple[Reason, ...]]) -> Value:
    """The value, and what it holds, with other reasons in the place of some."""
    reasons = value.reasons
    if not told.keys().isdisjoint(reasons):
        reasons = tuple([other for reason in reasons for other in told.get(reason, (reason,))])
    alts = tuple([with_reasons(alt, told) for alt in value.alts])
    items = value.items
    if items is not None:
        items = tuple([with_reasons(item, told) for item in items])
    element = None if value.element is None else with_reasons(value.element, told)
    same = reasons is value.reasons and element is value.element
    if same and _all_same(alts, value.alts) and _all_same(items or (), value.items or ()):
        return value
    return changed(value, reasons=reasons, items=items, element=element, alts=alts)


def _all_same(ones: tuple[Value, ...], others: tuple[Value, ...]) -> bool:
    return all(one is other for one, other in zip(ones, others, strict=True))


def changed(
    value: Value,
    *,
    kind: Kind | None = None,
    reasons: tuple[Reason, ...] | None = None,
    assumed: bool | None = None,
    dtype: str | None = None,
    name: str | None = None,
    element: Any = KEPT,
    items: Any = KEPT,
    optional: bool | None = None,
    unbacked: bool | None = None,
    fields: Any = KEPT,
    alts: tuple[Value, ...] | None = None,
    target: object = KEPT,
) -> Value:
    """The same value but for some fields."""
    return Value(
        value.kind if kind is None else kind,
        value.reasons if reasons is None else reasons,
        value.assumed if assumed is None else assumed,
        value.dtype if dtype is None else dtype,
        value.const,
        value.name if name is None else name,
        value.element if element is KEPT else element,
        value.items if items is KEPT else items,
        value.optional if optional is None else optional,
        value.unbacked if unbacked is None else unbacked,
        value.fields if fields is KEPT else fields,
        value.alts if alts is None else alts,
        value.target if target is KEPT else target,
    )


_CONSTANTS: dict[type, dict[object, Value]] = {int: {}, bool: {}, str: {}}


def constant(value: object) -> Value:
    """The value of a Python constant; None is `NONE`."""
    if value is None:
        return NONE
    table = _CONSTANTS.get(value.__class__)
    if table is None:
        return Value(Kind.CONST, const=value)
    known = table.get(value)
    if known is None:
        known = Value(Kind.CONST, const=value)
        if not isinstance(value, str) or len(value) < 32:
            table[value] = known
    return known


def container(
    name: str, items: Iterable[Value] | None = None, element: Value | None = None, **more: object
) -> Value:
    """A list, tuple, set or dict."""
    if items is not None:
        items = tuple(items)
        if element is None and items:
            element = join_all(items)
    return Value(Kind.CONTAINER, name=name, items=items, element=element, **more)  # type: ignore[arg-type]


def because(value: Value, reason: Reason, assumed: bool = False) -> Value:
    """The same value with a reason that replaces its own."""
    return changed(value, reasons=(reason,), assumed=value.assumed or assumed)


def taken(value: Value, reason: Reason) -> Value:
    """A value, and what it holds, taken for granted."""
    if value.kind is not Kind.CONTAINER:
        return because(value, reason, assumed=True)
    return changed(
        value,
        reasons=(reason,),
        assumed=True,
        element=None if value.element is None else taken(value.element, reason),
        items=None if value.items is None else tuple([taken(item, reason) for item in value.items]),
    )


def like(value: Value, *sources: Value) -> Value:
    """`value` as derived from `sources`: assumed when the first tensor among them is, with its reasons."""
    for source in sources:
        if source.assumed or source.reasons:
            if not value.assumed and not value.reasons:
                return changed(value, assumed=source.assumed, reasons=source.reasons)
            return value
    return value


def python_type(value: Value) -> str:
    """The name of a scalar's Python type: "int", "float", "bool", "str" or ""."""
    if value.kind is Kind.CONST:
        return type(value.const).__name__
    if value.kind is Kind.SIZE:
        return "int"
    return value.name if value.kind in (Kind.PYTHON, Kind.HOST) else ""


def number_type(value: Value) -> str:
    """The type of a plain number or of one that numpy made of plain ones: "int", "float" or ""."""
    name = value.dtype if value.is_numpy_number else python_type(value)
    return "int" if name == "bool" else name if name in ("int", "float") else ""


def truth(value: Value) -> bool | None:
    """Whether a value is true, when known."""
    if value.kind is Kind.CONST:
        return bool(value.const)
    if value.kind is Kind.NONE:
        return False
    if value.optional or value.assumed:
        return None
    if value.kind in (Kind.FUNCTION, Kind.CLASS, Kind.DTYPE, Kind.DEVICE):
        return True
    if value.kind is Kind.CONTAINER and value.name == "tuple" and value.items is not None:
        return bool(value.items)
    return None


def generalised(value: Value) -> Value:
    """A constant as an unknown Python object of its type; anything else as it is."""
    if value.kind is Kind.CONST:
        name = type(value.const).__name__
        if value.reasons or name not in _OF_TYPE:
            return Value(Kind.PYTHON, name=name, reasons=value.reasons)
        return _OF_TYPE[name]
    return value


def key(value: Value | None, depth: int = 4) -> Hashable:
    """What tells two values apart, their reasons aside."""
    if value is None:
        return None
    known = value.known_key
    if known is not None:
        return known
    if depth == 0:
        return (value.kind, value.name)
    const = value.const
    if const is not None:
        try:
            hash(const)
        except TypeError:
            const = repr(const)
    items, fields, alts = value.items, value.fields, value.alts
    made: Hashable = (
        value.kind,
        value.name,
        value.dtype,
        (type(const).__name__, const),
        value.optional,
        value.assumed,
        value.unbacked,
        None if value.element is None else key(value.element, depth - 1),
        None if items is None else tuple([key(item, depth - 1) for item in items[:16]]),
        None if fields is None else tuple([(k, key(v, depth - 1)) for k, v in fields]),
        tuple([key(alt, depth - 1) for alt in alts]) if alts else (),
    )
    if depth == 4:  # a shallower one is cut off
        value.known_key = made
    return made


def key_text(value: Value) -> str:
    """The key of a value in words that are the same in every process."""
    if not value.known_text:
        value.known_text = repr(key(value))
    return value.known_text


def uniform(values: Iterable[Value]) -> Value | None:
    """What any of several values is when they are of one kind, UNKNOWN when they differ, None of none."""
    listed = list(values)
    if not listed:
        return None
    return join_all(listed) if len({value.kind for value in listed}) == 1 else UNKNOWN


def join_all(values: Iterable[Value]) -> Value:
    """The join of several values; UNKNOWN of none."""
    out: Value | None = None
    for value in values:
        out = value if out is None else join(out, value)
    return UNKNOWN if out is None else out


def join(a: Value, b: Value) -> Value:
    """What holds of a value that is `a` on one path and `b` on another."""
    if a is b:
        return a
    if a.kind is Kind.NONE:
        return b if b.kind is Kind.NONE or b.optional else changed(b, optional=True)
    if b.kind is Kind.NONE:
        return a if a.optional else changed(a, optional=True)
    if b.kind is Kind.CONST and a.kind is Kind.PYTHON and _covers(a, b):
        return a
    if a.kind is b.kind and a.name == b.name and a.dtype == b.dtype and key(a) == key(b):
        return a
    optional = a.optional or b.optional
    if a.kind is b.kind:
        if a.kind is Kind.TENSOR:
            return changed(
                a,
                name=a.name if a.name == b.name else "",
                dtype=a.dtype if a.dtype == b.dtype else "",
                assumed=a.assumed or b.assumed,
                optional=optional,
                unbacked=a.unbacked or b.unbacked,
            )
        if a.kind is Kind.CONTAINER:
            return _join_containers(a, b, optional)
        if a.kind in (Kind.CONST, Kind.PYTHON):
            if (a.alts or a.target is not None) and (b.alts or b.target is not None):
                return _alternatives(a, b, optional)  # objects of classes
            return _join_scalars(a, b, optional)
        if a.kind in (Kind.SIZE, Kind.HOST, Kind.NDARRAY, Kind.DTYPE, Kind.DEVICE):
            return changed(
                a, optional=optional, unbacked=a.unbacked or b.unbacked, assumed=a.assumed or b.assumed
            )
        return _alternatives(a, b, optional)
    if a.kind in SCALARS and b.kind in SCALARS:
        for kind in (Kind.HOST, Kind.SIZE):
            if kind in (a.kind, b.kind):
                found = a if a.kind is kind else b
                return changed(found, optional=optional)
        return _join_scalars(a, b, optional)
    if (a.kind is Kind.UNKNOWN and not a.alts) or (b.kind is Kind.UNKNOWN and not b.alts):
        known = b if a.kind is Kind.UNKNOWN else a
        if known.kind in (Kind.TENSOR, Kind.FUNCTION) or (
            known.kind in (Kind.PYTHON, Kind.MODULE) and known.target is not None
        ):
            return changed(known, assumed=True, optional=optional)
        return UNKNOWN
    return _alternatives(a, b, optional)


def _covers(general: Value, constant: Value) -> bool:
    """Whether any value of a type may be the constant: so the join of many constants is made once."""
    return (
        general.name == type(constant.const).__name__
        and general.target is None
        and general.fields is None
        and (general.optional or not constant.optional)
        and (general.assumed or not constant.assumed)
    )


def _join_scalars(a: Value, b: Value, optional: bool) -> Value:
    left, right = python_type(a), python_type(b)
    name = left if left == right else ""
    kept = a if a.name == b.name else PYTHON
    fields = kept.fields if a.fields == b.fields else None
    assumed = a.assumed or b.assumed
    if name in _OF_TYPE and not (optional or fields or kept.target or a.reasons or assumed):
        return _OF_TYPE[name]
    return Value(
        Kind.PYTHON,
        name=name,
        optional=optional,
        fields=fields,
        target=kept.target,
        reasons=a.reasons,
        assumed=assumed,
    )


def _join_containers(a: Value, b: Value, optional: bool) -> Value:
    items = None
    if a.items is not None and b.items is not None and len(a.items) == len(b.items):
        items = tuple(join(x, y) for x, y in zip(a.items, b.items, strict=False))
    # An empty list on one path says nothing about what the other holds.
    element = (
        a.element if b.element is None else b.element if a.element is None else join(a.element, b.element)
    )
    fields = None
    if a.fields is not None and b.fields is not None:
        left, right = dict(a.fields), dict(b.fields)
        fields = tuple(
            (name, join(left.get(name, UNKNOWN), right.get(name, UNKNOWN)))
            for name in sorted({*left, *right})
        )
    return Value(
        Kind.CONTAINER,
        reasons=a.reasons,
        name=a.name if a.name == b.name else "",
        items=items,
        element=element,
        fields=fields,
        optional=optional,
        assumed=a.assumed or b.assumed,
        unbacked=a.unbacked or b.unbacked,
    )


def alternatives(value: Value) -> tuple[Value, ...]:
    """The things a value may be: its `alts`, else itself."""
    return value.alts or (value,)


def _alternatives(a: Value, b: Value, optional: bool) -> Value:
    found: dict[Hashable, Value] = {}
    for value in (*alternatives(a), *alternatives(b)):
        plain = changed(value, optional=False) if value.optional else value
        found.setdefault(key(plain), plain)
    if len(found) > MAX_ALTS:
        kinds = {v.kind for v in found.values()}
        if kinds == {Kind.FUNCTION} and len(found) <= MAX_TARGETS:
            return Value(Kind.FUNCTION, optional=optional, alts=tuple(found.values()))
        if len(kinds) == 1 and kinds <= OF_CLASSES:
            most = MAX_ALTS if kinds == {Kind.MODULE} else MAX_CLASSES
            return Value(a.kind, optional=optional, alts=tuple(list(found.values())[:most]))
        return UNKNOWN
    if len(found) == 1:
        (only,) = found.values()
        return changed(only, optional=optional)
    kinds = {v.kind for v in found.values()}
    kind = Kind.UNKNOWN
    if len(kinds) == 1 and (kinds <= OF_CLASSES or kinds == {Kind.FUNCTION}):
        kind = next(iter(kinds))
    if Kind.UNKNOWN in kinds:
        return UNKNOWN
    return Value(kind, alts=tuple(found.values()), optional=optional)

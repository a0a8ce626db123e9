"""Expressions to values, one handler a node type; calls and attributes have modules of their own."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from breakcheck.semantic import values as v
from breakcheck.semantic.narrowing import narrow
from breakcheck.semantic.symbols import ClassInfo, FunctionInfo
from breakcheck.semantic.values import Kind, Value
from breakcheck.semantic.world import Code

if TYPE_CHECKING:
    from breakcheck.semantic.frame import Frame

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor)


def binary(op: ast.operator, left: Value, right: Value) -> Value:
    """The value of `left op right`."""
    if left.alts or right.alts:
        results = [binary(op, a, b) for a in v.alternatives(left)[:3] for b in v.alternatives(right)[:3]]
        unclear = any(result.kind is Kind.UNKNOWN and not result.alts for result in results)
        return v.UNKNOWN if unclear else v.join_all(results)
    lk, rk = left.kind, right.kind
    if "random" in (left.name, right.name):
        others = {side.kind for side in (left, right) if side.name != "random"}
        if others <= {Kind.CONST, Kind.PYTHON, Kind.SIZE}:
            return Value(Kind.PYTHON, name="float")  # ends the graph: a plain number from here on
        if Kind.UNKNOWN in others:
            return v.UNKNOWN
    if isinstance(op, (ast.BitOr, ast.BitAnd)) and Kind.TENSOR not in (lk, rk):
        decided = isinstance(op, ast.BitOr)
        if any(x.kind is Kind.CONST and x.const is decided for x in (left, right)):
            return v.constant(decided)
    if lk is Kind.TENSOR or rk is Kind.TENSOR:
        tensor, other = (left, right) if lk is Kind.TENSOR else (right, left)
        if isinstance(op, ast.MatMult):
            dtype = tensor.dtype
        elif isinstance(op, ast.Div):
            dtype = "float"
        elif isinstance(op, BITWISE):
            dtype = tensor.dtype
        else:
            dtype = _promoted(tensor, other)
        return Value(
            Kind.TENSOR,
            reasons=tensor.reasons,
            assumed=tensor.assumed and (other.assumed or other.kind is not Kind.TENSOR),
            dtype=dtype,
            unbacked=tensor.unbacked,
        )
    if lk is Kind.NDARRAY or rk is Kind.NDARRAY:
        types = {v.number_type(left), v.number_type(right)}
        if types <= {"int", "float"}:
            return v.NUMPY_FLOAT if "float" in types or isinstance(op, ast.Div) else v.NUMPY_INT
        if Kind.UNKNOWN in (lk, rk) and (left.is_numpy_number or right.is_numpy_number):
            return v.NUMPY_FLOAT if isinstance(op, ast.Div) else left if lk is Kind.NDARRAY else right
        arrays = (each for each in (left, right) if each.kind is Kind.NDARRAY and not each.is_numpy_number)
        return next(arrays, v.NDARRAY)
    if lk is Kind.CONST and rk is Kind.CONST and type(op) in ARITHMETIC:
        try:
            result = ARITHMETIC[type(op)](left.const, right.const)
        except Exception:
            return v.UNKNOWN
        if isinstance(result, (int, float, bool)) or (isinstance(result, str) and len(result) < 200):
            return v.constant(result)
        return v.PYTHON
    if lk is Kind.CONTAINER or rk is Kind.CONTAINER:
        if isinstance(op, ast.Add) and lk is rk:
            items = None
            if left.items is not None and right.items is not None and left.name == right.name:
                items = (*left.items, *right.items)
            joined = v.join(v.changed(left, items=None), v.changed(right, items=None))
            return v.changed(joined, items=items)
        if isinstance(op, ast.Mult):
            sequence = left if lk is Kind.CONTAINER else right
            return v.changed(sequence, items=None)
        if isinstance(op, (ast.BitOr, ast.Sub, ast.BitAnd)):
            return left
        if v.python_type(left) == "str":
            return v.PY_STR
        return v.changed(left if lk is Kind.CONTAINER else right, items=None)
    for kind in (Kind.HOST, Kind.SIZE):
        if lk is kind or rk is kind:
            found = left if lk is kind else right
            if {lk, rk} - {Kind.HOST, Kind.SIZE, Kind.CONST, Kind.PYTHON}:
                return v.UNKNOWN
            if kind is Kind.SIZE and isinstance(op, ast.Div):
                return v.PY_FLOAT
            return v.changed(found, unbacked=left.unbacked or right.unbacked)
    names = {v.python_type(left), v.python_type(right)}
    if names <= {"int", "float", "bool"} and "" not in names:
        is_float = "float" in names or isinstance(op, ast.Div)
        return v.PY_FLOAT if is_float else v.PY_INT
    if "str" in names and isinstance(op, (ast.Add, ast.Mod, ast.Mult)):
        return v.PY_STR
    return v.UNKNOWN


def _promoted(tensor: Value, other: Value) -> str:
    order = {"bool": 0, "int": 1, "float": 2, "complex": 3}
    theirs = other.dtype if other.kind is Kind.TENSOR else v.python_type(other)
    if other.kind is Kind.SIZE or theirs == "bool":
        theirs = "int" if other.kind is Kind.SIZE else "bool"
    if tensor.dtype == "float" and theirs != "complex":
        return "float"
    if not tensor.dtype or theirs not in order:
        return ""
    return max((tensor.dtype, theirs), key=lambda name: order[name])


def on_name(frame: Frame, node: ast.Name) -> Value:
    name = node.id
    env = frame.env
    if env is not None and name in env:
        return env[name]
    if frame.closure is not None and name in frame.closure:
        return frame.closure[name]
    return frame.interpreter.global_value(frame.module, name)


def on_other(frame: Frame, node: ast.expr) -> Value:
    return v.UNKNOWN


def on_constant(frame: Frame, node: ast.Constant) -> Value:
    return v.constant(node.value)


def on_joined(frame: Frame, node: ast.JoinedStr) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            frame.eval(part.value)
            frame.values[part] = v.PY_STR
    return v.PY_STR


OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.MatMult: "matmul", ast.Pow: "pow",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
}  # fmt: skip


def on_binop(frame: Frame, node: ast.BinOp) -> Value:
    left, right = frame.eval(node.left), frame.eval(node.right)
    for own, other, prefix in ((left, right, ""), (right, left, "r")):
        if own.kind in (Kind.PYTHON, Kind.MODULE) and isinstance(own.target, ClassInfo):
            name = f"__{prefix}{OPERATORS.get(type(node.op), '')}__"
            method = frame.world.method(own.target, name)
            if method is not None:
                if "typing.NamedTuple" not in frame.world.mro(own.target):
                    frame.record.operators[node] = f"{method.module.name}.{method.qualname}"
                return frame.interpreter.objects.call_method(frame, own, name, (other,))
    return binary(node.op, left, right)


def on_unary(frame: Frame, node: ast.UnaryOp) -> Value:
    value = frame.eval(node.operand)
    if isinstance(node.op, ast.Not):
        known = v.truth(value)
        return v.PY_BOOL if known is None else v.constant(not known)
    if value.kind is Kind.CONST and isinstance(value.const, (int, float)) and isinstance(node.op, ast.USub):
        return v.constant(-value.const)
    if value.kind is Kind.CONST:
        return v.generalised(value)
    return value


def on_boolop(frame: Frame, node: ast.BoolOp) -> Value:
    every = isinstance(node.op, ast.And)
    before = frame.env
    assert before is not None
    result: Value | None = None
    frame.env = dict(before)
    for index, part in enumerate(node.values):
        value = frame.eval(part)
        known = v.truth(value)
        if known is not None and known is not every and value.kind is Kind.CONST:
            result = value  # a false conjunct decides, whatever the others are
            break
        last = index == len(node.values) - 1
        if known is None or last:
            kept = value
            if not last and not every and value.optional and value.kind is not Kind.UNKNOWN:
                kept = v.changed(value, optional=False)  # `x or default`: None never comes out
            result = kept if result is None else _join_bool(result, kept)
        elif known is not every:  # decided here: the rest is never evaluated
            result = value if result is None else _join_bool(result, value)
            break
        if not last:
            narrowed = narrow(frame, part, frame.env or dict(before), every)
            if narrowed is None:
                break
            frame.env = narrowed
    # Walrus bindings survive; narrowings do not.
    after = frame.env or before
    frame.env = before
    for name, bound in after.items():
        if name not in before:
            before[name] = bound
    return v.PY_BOOL if result is None else result


def on_compare(frame: Frame, node: ast.Compare) -> Value:
    left = frame.eval(node.left)
    result: Value | None = None
    for op, comparator in zip(node.ops, node.comparators, strict=False):
        right = frame.eval(comparator)
        one = _compare_one(frame, op, left, right)
        if result is None:
            result = one
        elif result.kind is Kind.CONST and one.kind is Kind.CONST:
            result = v.constant(bool(result.const) and bool(one.const))
        else:
            result = one if one.kind is Kind.TENSOR else v.join(result, one)
        left = right
    return v.PY_BOOL if result is None else result


def _compare_one(frame: Frame, op: ast.cmpop, left: Value, right: Value) -> Value:
    if isinstance(op, (ast.Is, ast.IsNot)):
        same: bool | None = None
        if right.kind is Kind.NONE:
            if left.kind is Kind.NONE:
                same = True
            elif (left.kind is not Kind.UNKNOWN and not left.optional and not left.assumed) or (
                left.alts and not left.optional
            ):
                same = False
        elif left.kind is Kind.CONST and right.kind is Kind.CONST and isinstance(right.const, bool):
            same = left.const is right.const
        elif left.kind is Kind.NONE and right.kind is Kind.CONST:
            same = False
        if same is None:
            return v.PY_BOOL
        return v.constant(same is isinstance(op, ast.Is))
    if isinstance(op, (ast.In, ast.NotIn)):
        items = right.items if right.kind is Kind.CONTAINER and right.name in ("tuple", "set") else None
        if items is not None and left.kind is Kind.CONST and all(item.kind is Kind.CONST for item in items):
            inside = any(type(i.const) is type(left.const) and i.const == left.const for i in items)
            return v.constant(inside is isinstance(op, ast.In))
        return v.PY_BOOL
    for side in (left, right):
        if side.kind is Kind.TENSOR and Kind.NONE not in (left.kind, right.kind):
            if v.python_type(right if side is left else left) == "str":
                return v.PY_BOOL
            return Value(Kind.TENSOR, dtype="bool", reasons=side.reasons, assumed=side.assumed)
    if left.kind is Kind.CONST and right.kind is Kind.CONST and type(op) in COMPARISONS:
        try:
            return v.constant(bool(COMPARISONS[type(op)](left.const, right.const)))
        except TypeError:
            return v.PY_BOOL
    if Kind.NDARRAY in (left.kind, right.kind):
        return v.NDARRAY
    if Kind.NONE in (left.kind, right.kind) and left.kind is not right.kind:
        other = right if left.kind is Kind.NONE else left
        if other.kind is Kind.CONST:
            return v.constant(isinstance(op, ast.NotEq))
    # A comparison of things unknown may be a tensor; nothing is claimed of it.
    if Kind.UNKNOWN in (left.kind, right.kind):
        return v.UNKNOWN if not (left.alts or right.alts) else v.PY_BOOL
    for side in (left, right):
        if side.kind in (Kind.HOST, Kind.SIZE):
            return Value(Kind.PYTHON, name="bool", unbacked=side.unbacked or side.kind is Kind.HOST)
    return v.PY_BOOL


def on_ifexp(frame: Frame, node: ast.IfExp) -> Value:
    known = v.truth(frame.eval(node.test))
    before = frame.env
    assert before is not None
    found: list[Value] = []
    for branch, wanted in ((node.body, True), (node.orelse, False)):
        if known is (not wanted):
            continue
        env = narrow(frame, node.test, dict(before), wanted)
        if env is None:
            continue
        frame.env = env
        found.append(frame.eval(branch))
    frame.env = before
    return v.join_all(found)


def on_sequence(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Value:
    name = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}[type(node)]
    items: list[Value] | None = []
    element: Value | None = None
    for part in node.elts:
        if isinstance(part, ast.Starred):
            value = frame.eval(part.value)
            frame.values[part] = value
            if items is not None and value.kind is Kind.CONTAINER and value.items is not None:
                items.extend(value.items)
            else:
                items = None
            each = frame.interpreter.iterate(value)
        else:
            each = frame.eval(part)
            if items is not None:
                items.append(each)
        element = each if element is None else v.join(element, each)
    return Value(Kind.CONTAINER, name=name, items=None if items is None else tuple(items), element=element)


def on_mapping(frame: Frame, node: ast.Dict) -> Value:
    fields: dict[str, Value] = {}
    opened = False  # may hold further keys
    values: list[Value] = []
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = frame.eval(value_node)
        if key_node is None:
            fields.update(dict(value.fields or ()))
            opened = opened or value.fields is None or value.unbacked
            value = value.element or v.UNKNOWN
        else:
            key_value = frame.eval(key_node)
            if key_value.kind is Kind.CONST and isinstance(key_value.const, str):
                fields[key_value.const] = value
            else:
                opened = True
        values.append(value)
    return Value(
        Kind.CONTAINER,
        name="dict",
        element=v.uniform(values) if fields else _uniform_or_none(values),
        fields=tuple(sorted(fields.items(), key=lambda pair: pair[0])),
        unbacked=opened,
    )


def _uniform_or_none(values: list[Value]) -> Value | None:
    """`v.uniform` of values of which some may be missing: `{1: iter(a), 2: None}`."""
    given = [value for value in values if value.kind is not Kind.NONE]
    if len(given) == len(values) or not given:
        return v.uniform(values)
    found = v.uniform(given)
    return found if found is None or found.kind is Kind.UNKNOWN else v.changed(found, optional=True)


def on_comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    before = frame.env
    assert before is not None
    frame.env = dict(before)
    element = v.UNKNOWN
    if _generators(frame, node.generators):
        element = frame.eval(node.elt)
    frame.env = before
    name = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "generator")
    return Value(Kind.CONTAINER, name=name, element=element)


def on_dictcomp(frame: Frame, node: ast.DictComp) -> Value:
    before = frame.env
    assert before is not None
    frame.env = dict(before)
    element = v.UNKNOWN
    if _generators(frame, node.generators):
        frame.eval(node.key)
        element = frame.eval(node.value)
    frame.env = before
    return Value(Kind.CONTAINER, name="dict", element=element)


def _generators(frame: Frame, generators: list[ast.comprehension]) -> bool:
    for generator in generators:
        items = frame.eval(generator.iter)
        frame.bind(generator.target, frame.interpreter.iterate(items))
        for test in generator.ifs:
            value = frame.eval(test)
            if v.truth(value) is False:
                return False
            assert frame.env is not None
            frame.env = narrow(frame, test, frame.env, True) or frame.env
    return True


def on_lambda(frame: Frame, node: ast.Lambda) -> Value:
    info = FunctionInfo(frame.module, node, f"{frame.info.qualname}.<locals>.<lambda>")
    env = dict(frame.env or {})
    if frame.closure is not None:
        env = {**frame.closure, **env}
    frame.interpreter.closures.append(env)
    return Value(Kind.FUNCTION, name=info.full_name, target=Code(info, env))


def on_walrus(frame: Frame, node: ast.NamedExpr) -> Value:
    value = frame.eval(node.value)
    frame.bind(node.target, value)
    return value


def on_starred(frame: Frame, node: ast.Starred) -> Value:
    return frame.eval(node.value)


def on_slice(frame: Frame, node: ast.Slice) -> Value:
    unbacked = False
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            value = frame.eval(part)
            unbacked = unbacked or value.unbacked or value.kind in (Kind.TENSOR, Kind.HOST)
    return v.UNBACKED_SLICE if unbacked else v.SLICE


def on_await(frame: Frame, node: ast.Await) -> Value:
    frame.eval(node.value)
    return v.UNKNOWN


def on_yield(frame: Frame, node: ast.Yield | ast.YieldFrom) -> Value:
    value = v.NONE if node.value is None else frame.eval(node.value)
    if isinstance(node, ast.YieldFrom):
        value = frame.interpreter.iterate(value)
    frame.yielded = value if frame.yielded is None else v.join(frame.yielded, value)
    return v.UNKNOWN


def on_subscript(frame: Frame, node: ast.Subscript) -> Value:
    base = frame.eval(node.value)
    index = frame.eval(node.slice)
    return item(frame, node, base, index)


def item(frame: Frame, node: ast.Subscript, base: Value, index: Value) -> Value:
    if base.alts and base.kind is not Kind.MODULE:
        return v.join_all(item(frame, node, alt, index) for alt in base.alts)
    if base.kind is Kind.TENSOR:
        dynamic = base.unbacked or index.unbacked or has_mask(index)
        return v.changed(base, unbacked=dynamic, optional=False) if dynamic or base.optional else base
    if base.kind is Kind.CONTAINER:
        return container_item(base, index)
    if base.kind is Kind.MODULE:
        at = index.const if index.kind is Kind.CONST else None
        if base.items is not None and isinstance(at, int) and -len(base.items) <= at < len(base.items):
            return base.items[at]
        if base.element is not None:
            return base if index.name == "slice" else base.element
        return frame.interpreter.objects.call_method(frame, base, "__getitem__", (index,))
    if base.kind is Kind.NDARRAY:
        return base
    if base.kind is Kind.PYTHON and base.target is not None:
        return frame.interpreter.objects.object_item(frame, base, index)
    if base.kind is Kind.HOST:
        return base
    if v.python_type(base) == "str":
        return v.PY_STR
    return v.UNKNOWN


def container_item(base: Value, index: Value) -> Value:
    """`base[index]` of a list, tuple or dict."""
    if index.kind is Kind.CONST:
        if isinstance(index.const, int) and base.items is not None and base.name != "dict":
            if -len(base.items) <= index.const < len(base.items):
                return base.items[index.const]
            return v.UNKNOWN
        if isinstance(index.const, str) and base.fields is not None:
            found = dict(base.fields).get(index.const)
            if found is not None:
                return found
            return base.element if base.element is not None else v.UNKNOWN
    if index.kind is Kind.PYTHON and index.name == "slice":
        return v.changed(base, items=None) if base.name != "dict" else v.UNKNOWN
    return base.element if base.element is not None else v.UNKNOWN


def _join_bool(a: Value, b: Value) -> Value:
    """The join of `and`/`or` operands: one that is a tensor makes the result maybe a tensor."""
    if b.kind is Kind.TENSOR and (a.kind is Kind.PYTHON or a.kind is Kind.CONST):
        # `not self.batch_first and mask.all()`: the setting decides whether the tensor comes out.
        return v.changed(b, assumed=True)
    if a.kind is Kind.TENSOR and b.kind is not Kind.TENSOR and b.kind is not Kind.NONE:
        return Value(Kind.UNKNOWN, alts=(a, v.PY_BOOL)) if b.kind is not Kind.UNKNOWN else v.UNKNOWN
    return v.join(a, b)


def has_mask(index: Value) -> bool:
    """Whether an index holds a boolean tensor: the result's shape depends on data."""
    if index.kind is Kind.TENSOR:
        return index.dtype == "bool"
    if index.kind is Kind.CONTAINER and index.items is not None:
        return any(has_mask(item) for item in index.items)
    return False


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    **dict.fromkeys(ast.expr.__subclasses__(), on_other),
    ast.Name: on_name,
    ast.Constant: on_constant,
    ast.JoinedStr: on_joined,
    ast.BinOp: on_binop,
    ast.UnaryOp: on_unary,
    ast.BoolOp: on_boolop,
    ast.Compare: on_compare,
    ast.IfExp: on_ifexp,
    ast.List: on_sequence,
    ast.Tuple: on_sequence,
    ast.Set: on_sequence,
    ast.Dict: on_mapping,
    ast.ListComp: on_comprehension,
    ast.SetComp: on_comprehension,
    ast.GeneratorExp: on_comprehension,
    ast.DictComp: on_dictcomp,
    ast.Lambda: on_lambda,
    ast.NamedExpr: on_walrus,
    ast.Starred: on_starred,
    ast.Slice: on_slice,
    ast.Await: on_await,
    ast.Yield: on_yield,
    ast.YieldFrom: on_yield,
    ast.Subscript: on_subscript,
}

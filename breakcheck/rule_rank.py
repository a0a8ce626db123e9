"""How many dimensions a tensor has, where one function's own code says so; re-exported by `breakcheck.rule`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from breakcheck.semantic.arguments import parameters
from breakcheck.semantic.facts import Facts
from breakcheck.semantic.trees import walk, within
from breakcheck.semantic.values import Kind

# (the assignment, what is bound, position in an unpacking, whether it is iterated); a None source is unclear.
Binding = tuple[ast.stmt | None, ast.expr | None, int | None, bool]
_MOST_STEPS = 12  # definitions followed one after the other

# By the last part of the callee's name. A reduction takes away the dimensions it names, all without any.
_REDUCTIONS = frozenset(
    (
        *("sum", "mean", "amax", "amin", "argmax", "argmin", "max", "min", "prod", "any", "all", "norm"),
        *("std", "var", "median", "logsumexp", "count_nonzero"),
    )
)
_SAME = frozenset(
    (
        *(
            "softmax",
            "log_softmax",
            "sigmoid",
            "relu",
            "exp",
            "log",
            "sqrt",
            "abs",
            "clamp",
            "round",
            "floor",
        ),
        *("long", "int", "float", "bool", "half", "double", "to", "type", "cpu", "cuda", "detach", "clone"),
        *("ceil", "contiguous", "cumsum", "flip", "roll", "sort", "argsort", "topk", "neg"),
        *("triu", "tril", "fill_", "transpose", "permute", "gather", "index_select", "rfft", "irfft", "fft"),
        *("ifft", "conj", "normalize", "gelu", "silu", "tanh", "dropout"),
    )
)
_PAIRS = frozenset(
    ("topk", "sort", "max", "min", "median")
)  # (values, indices), the reductions given a dimension
_PARTS = ("values", "indices", "T", "mT", "real", "imag", "data")  # attributes
_LINES = frozenset(("arange", "linspace", "randperm", "flatten", "ravel", "bincount"))
_MADE = frozenset(("zeros", "ones", "empty", "rand", "randn", "full"))  # of sizes that the call names
_SQUARES = frozenset(("eye", "generate_square_subsequent_mask"))


def rank_of(node: ast.expr, facts: Facts) -> int | None:
    """The number of dimensions of a tensor expression; None where the function does not say."""
    return _rank(node, facts, _MOST_STEPS)


def _rank(node: ast.expr, facts: Facts, steps: int) -> int | None:
    if steps == 0:
        return None
    if isinstance(node, ast.Name):
        return _of_name(node, facts, steps - 1)
    if isinstance(node, ast.Subscript):
        return _of_subscript(node, facts, steps - 1)
    if isinstance(node, ast.Attribute) and node.attr in _PARTS:
        return _rank(node.value, facts, steps - 1)
    if isinstance(node, ast.Call):
        return _of_call(node, facts, steps - 1)
    if isinstance(node, ast.UnaryOp):
        return _rank(node.operand, facts, steps - 1)
    if isinstance(node, (ast.BinOp, ast.Compare)):
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.left, *node.comparators]
        ranks = [_rank(side, facts, steps - 1) if _tensor(side, facts) else 0 for side in sides]
        return None if None in ranks else max(rank for rank in ranks if rank is not None)
    return None


def _tensor(node: ast.expr, facts: Facts) -> bool:
    return facts.value(node).kind not in (Kind.CONST, Kind.PYTHON, Kind.SIZE, Kind.HOST)


def _of_call(node: ast.Call, facts: Facts, steps: int) -> int | None:
    name = facts.callee(node).name
    if not name.startswith("torch."):
        return None
    last = name.rpartition(".")[2]
    method = name.startswith("torch.Tensor.") and isinstance(node.func, ast.Attribute)
    given = node.args if method else node.args[1:]
    first = node.args[0] if node.args else None
    source = node.func.value if method and isinstance(node.func, ast.Attribute) else first
    if last in _LINES:
        return 1 if len(given) == 0 or last in ("arange", "linspace") else None
    if last in _SQUARES or (last in ("nonzero", "argwhere") and not node.keywords and not given):
        return 2
    if last in _MADE and not method:
        return _of_sizes(node.args[:1] if last == "full" else node.args, facts)
    if last == "tensor" and isinstance(source, (ast.List, ast.Constant)):
        flat = isinstance(source, ast.Constant) or not any(
            isinstance(part, (ast.List, ast.Tuple, ast.Starred)) for part in source.elts
        )
        return (0 if isinstance(source, ast.Constant) else 1) if flat else None
    if last in ("view", "reshape") and method and given and not node.keywords:
        plain = all(_number(part, facts) for part in given)
        return len(given) if plain else None
    inner = _rank(source, facts, steps) if source is not None else None
    if last == "unsqueeze":
        return None if inner is None else inner + 1
    if last in _REDUCTIONS:
        return _reduced(node, given, inner, facts)
    return inner if last in _SAME else None


def _of_sizes(sizes: list[ast.expr], facts: Facts) -> int | None:
    """Of what is made of sizes, which are one sequence or several numbers."""
    if len(sizes) == 1:
        if not isinstance(sizes[0], (ast.Tuple, ast.List)):
            return 1 if _number(sizes[0], facts) else None
        sizes = sizes[0].elts
    return len(sizes) if sizes and not any(isinstance(size, ast.Starred) for size in sizes) else None


def _reduced(node: ast.Call, given: list[ast.expr], inner: int | None, facts: Facts) -> int | None:
    """What a reduction leaves."""
    dims = given[0] if given else None
    for keyword in node.keywords:
        if keyword.arg in ("dim", "axis"):
            dims = keyword.value
        elif keyword.arg == "keepdim" and isinstance(keyword.value, ast.Constant):
            if keyword.value.value is True:
                return inner
        elif keyword.arg != "dtype":
            return None
    if dims is None:
        return 0
    if inner is None or len(given) > 1:
        return None
    if isinstance(dims, (ast.Tuple, ast.List)):
        return (
            inner - len(dims.elts) if not any(isinstance(part, ast.Starred) for part in dims.elts) else None
        )
    return inner - 1 if _number(dims, facts) else None


def _of_subscript(node: ast.Subscript, facts: Facts, steps: int) -> int | None:
    if facts.value(node.value).kind is Kind.CONTAINER:
        return None
    rank = _rank(node.value, facts, steps)
    if rank is None:
        return None
    for part in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
        if isinstance(part, ast.Constant) and part.value is None:
            rank += 1
        elif isinstance(part, ast.Slice) or (isinstance(part, ast.Constant) and part.value is Ellipsis):
            continue
        elif _number(part, facts):
            rank -= 1
        else:
            return None
    return rank if rank >= 0 else None


def _number(node: ast.expr, facts: Facts) -> bool:
    value = facts.value(node)
    if value.kind is Kind.CONST:
        return isinstance(value.const, int)
    return value.kind is Kind.SIZE or (value.kind is Kind.PYTHON and value.name == "int")


def _of_name(node: ast.Name, facts: Facts, steps: int) -> int | None:
    """What the binding of the name that certainly holds says, else what every binding in the function agrees on."""
    function = facts.function(node)
    if function is None:
        return None
    told = _unpacked_shape(node, function, facts)
    if told is not None:
        return told
    found = list(_bindings(function, node.id))
    last = _in_force(node, [binding for binding in found if binding[0] is not None], facts)
    if last is not None:
        found = [last]
    ranks = {
        _bound(source, position, iterated, facts, steps) for _statement, source, position, iterated in found
    }
    return ranks.pop() if len(ranks) == 1 else None


def _unpacked_shape(node: ast.Name, function: ast.AST, facts: Facts) -> int | None:
    """What `batch, length, width = x.shape` says of `x`, where nothing binds it anew in between."""
    told: tuple[ast.Assign, int] | None = None
    for part in within(function, ast.Assign):
        if not isinstance(part, ast.Assign) or part.lineno >= node.lineno or _shape_of(part.value) != node.id:
            continue
        target = part.targets[0]
        if isinstance(target, (ast.Tuple, ast.List)) and not any(
            isinstance(each, ast.Starred) for each in target.elts
        ):
            told = part, len(target.elts)
    if told is None or not _runs_before(told[0], node, facts):
        return None
    statement, rank = told
    for part in within(function, ast.Name):
        if not isinstance(part, ast.Name) or part.id != node.id or not isinstance(part.ctx, ast.Store):
            continue
        if statement.lineno <= part.lineno <= node.lineno or _in_loop_with(part, statement, facts):
            return None
    return rank


def _shape_of(node: ast.expr) -> str:
    """The name whose sizes these are, `x.shape` or `x.size()`; "" when they are no name's."""
    wanted = "shape"
    if isinstance(node, ast.Call) and not node.args:
        node, wanted = node.func, "size"
    asks = isinstance(node, ast.Attribute) and node.attr == wanted
    held = node.value if asks and isinstance(node, ast.Attribute) else None
    return held.id if isinstance(held, ast.Name) else ""


def _in_loop_with(one: ast.AST, other: ast.AST, facts: Facts) -> bool:
    """Whether both stand in one loop, so that the later may come first."""
    loops = {id(each) for each in facts.ancestors(one) if isinstance(each, (ast.For, ast.While))}
    return any(id(each) in loops for each in facts.ancestors(other))


def _in_force(node: ast.Name, found: list[Binding], facts: Facts) -> Binding | None:
    """The last binding above the use, where it stands in a block that encloses the use."""
    above = [each for each in found if each[0] is not None and each[0].lineno < node.lineno]
    if not above:
        return None
    last = max(above, key=lambda each: each[0].lineno if each[0] is not None else 0)
    return last if last[0] is not None and _runs_before(last[0], node, facts) else None


def _runs_before(statement: ast.stmt, node: ast.AST, facts: Facts) -> bool:
    """Whether a statement above a node stands in a block that encloses the node."""
    holder = facts.parent(statement)
    inside: ast.AST | None = facts.statement(node)
    while inside is not None:
        parent = facts.parent(inside)
        if parent is holder:
            body = getattr(parent, "body", [])
            return (statement in body) == (inside in body)
        inside = parent
    return False


def _bound(
    source: ast.expr | None, position: int | None, iterated: bool, facts: Facts, steps: int
) -> int | None:
    """The rank of a name bound to `source`, to its part at `position`, or to what iterating gives."""
    if source is None:
        return None
    if iterated and isinstance(source, ast.Call):
        name = facts.callee(source).name
        if name == "builtins.zip" and position is not None and position < len(source.args):
            source, position = source.args[position], None
        elif name == "builtins.enumerate" and position == 1 and source.args:
            source, position = source.args[0], None
    if position is not None and not iterated and isinstance(source, ast.Call):
        pairs = facts.callee(source).name.rpartition(".")[2] in _PAIRS
        return _rank(source, facts, steps) if pairs else None
    if facts.value(source).kind is not Kind.TENSOR:
        return None
    rank = _rank(source, facts, steps)
    taken = int(iterated) + int(position is not None)
    return rank - taken if rank is not None and rank >= taken else None


_BINDERS = (
    *(ast.Assign, ast.For, ast.comprehension, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.withitem),
)


def _bindings(function: ast.AST, name: str) -> Iterator[Binding]:
    """Every binding of the name."""
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        for each in parameters(function):
            if each.arg == name:
                yield None, None, None, False
    for part in within(function, *_BINDERS):
        if isinstance(part, ast.Assign):
            for target in part.targets:
                yield from _of_target(target, part, part.value, name, False)
        elif isinstance(part, (ast.For, ast.comprehension)):
            yield from _of_target(part.target, None, part.iter, name, True)
        elif isinstance(part, ast.AnnAssign):
            yield from _of_target(part.target, part, part.value, name, False)
        elif isinstance(part, ast.NamedExpr):
            yield from _of_target(part.target, None, part.value, name, False)
        elif isinstance(part, (ast.AugAssign, ast.withitem)):
            held = part.target if isinstance(part, ast.AugAssign) else part.optional_vars
            if held is not None and _stores(held, name):
                yield None, None, None, False


def _of_target(
    target: ast.expr, statement: ast.stmt | None, source: ast.expr | None, name: str, iterated: bool
) -> Iterator[Binding]:
    if isinstance(target, ast.Name):
        if target.id == name:
            yield statement, source, None, iterated
    elif isinstance(target, (ast.Tuple, ast.List)):
        for position, part in enumerate(target.elts):
            if isinstance(part, ast.Name) and part.id == name:
                yield statement, source, position, iterated
            elif not isinstance(part, ast.Name) and _stores(part, name):
                yield statement, None, None, iterated


def _stores(target: ast.expr, name: str) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store)
        for part in walk(target)
    )

"""A tensor is given where an operator needs a Python number.

## What it does
Finds tensors in places that hold Python numbers: sizes (`torch.zeros(t, 3)`, `x.view(t, -1)`,
`torch.full((2, t), 0)`), ends of `torch.arange`, lengths of `narrow`, `split`, `chunk`, `pad`, `topk`,
`roll` and their like, and the number of times that a list is repeated (`[0] * t`).

## Why is this bad
The operator reads the value out of the tensor: since it sets a shape, the graph ends there. (A 0-d CPU
tensor that is itself an argument of the compiled function is the one exception.)

## What to do
Take sizes from shapes or as Python ints from outside the compiled region; build at the largest size and
mask; for a length known to the caller, pass it in.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import (
    Effect,
    Facts,
    Kind,
    Problem,
    Rule,
    Severity,
    assumption,
    breaks,
    definition_above,
    is_given,
    walk,
)

# Callee -> (the positional arguments that are numbers; the keywords that are).
_ALL, _REST, _FIRST, _SECOND, _THIRD = slice(0, None), slice(1, None), slice(0, 1), slice(1, 2), slice(2, 3)
_SIZE = ("size", "shape")
_ENDS_GRAPH = {f"torch.{name}" for name in ("nonzero", "argwhere", "unique", "masked_select", "bincount")} | {
    f"torch.Tensor.{name}" for name in ("nonzero", "argwhere", "unique", "masked_select", "item", "tolist")
}
_NUMBERS: dict[str, tuple[slice, tuple[str, ...]]] = {
    **{
        f"torch.{name}": (_ALL, _SIZE)
        for name in ("zeros", "ones", "empty", "rand", "randn", "eye", "randperm")
    },
    **{
        f"torch.Tensor.{name}": (_ALL, _SIZE)
        for name in ("new_zeros", "new_ones", "new_empty", "expand", "repeat", "tile")
    },
    **{
        f"torch.Tensor.{name}": (_ALL, _SIZE)
        for name in ("view", "reshape", "unflatten", "chunk", "unfold", "tril", "triu")
    },
    "torch.arange": (_ALL, ("start", "end", "step")),
    "torch.randint": (_ALL, ("low", "high", "size")),
    "torch.tril_indices": (_ALL, ("row", "col", "offset")),
    "torch.triu_indices": (_ALL, ("row", "col", "offset")),
    "torch.Tensor.narrow": (_REST, ("start", "length")),
    "torch.narrow": (slice(2, None), ("start", "length")),
    "torch.Tensor.split": (_ALL, ("split_size",)),
    "torch.Tensor.topk": (_ALL, ("k",)),
    "torch.Tensor.roll": (_ALL, ("shifts",)),
    "torch.split": (_REST, ("split_size_or_sections",)),
    "torch.chunk": (_REST, ("chunks",)),
    "torch.topk": (_REST, ("k",)),
    "torch.roll": (_REST, ("shifts",)),
    "torch.reshape": (_REST, ("shape",)),
    "torch.tril": (_REST, ("diagonal",)),
    "torch.triu": (_REST, ("diagonal",)),
    "torch.full_like": (_REST, ("fill_value",)),
    "torch.Tensor.new_full": (_SECOND, ("fill_value",)),
    "torch.scalar_tensor": (_FIRST, ("s",)),
    "torch.nn.functional.pad": (_SECOND, ("pad",)),
    "torch.nn.functional.interpolate": (_SECOND, ("size",)),
    "torch.nn.functional.one_hot": (_REST, ("num_classes",)),
    "torch.nn.functional.dropout": (_SECOND, ("p",)),
    "torch.full": (_FIRST, ("size",)),
    **{f"numpy.{name}": (_FIRST, ("shape",)) for name in ("zeros", "ones", "empty", "full")},
    "torch.linspace": (_THIRD, ("steps",)),
}

RULE = Rule(
    code="BC209",
    name="tensor-as-size",
    summary="a tensor is given where an operator needs a Python number",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0033",),
    calls=tuple(_NUMBERS),
    nodes=(ast.BinOp,),
    matrix=("hs_item_shape", "ds_arange_tensor", "hs_for_row_in_tensor_ints"),
)


def match(node: ast.Call | ast.BinOp, facts: Facts) -> Iterator[Problem]:
    if isinstance(node, ast.BinOp):
        yield from _repeated(node, facts)
        return
    name = facts.callee(node).name
    for argument in _numbers(node, name, facts):
        value = facts.value(argument)
        computed = value.kind is Kind.TENSOR and _computed_here(argument, facts)
        if computed or _holds_tensors(argument, facts) or _reduced_by_numpy(argument, facts):
            granted = (
                (assumption("taken to be dynamic: of a static size this is a constant", argument, facts),)
                if _made_of_sizes(argument, facts)
                else ()
            )
            yield breaks(
                argument,
                f"`{facts.source(argument)}` is a tensor where `{name.rpartition('.')[2]}` needs a Python number",
                facts,
                because=(facts.callee(node), value, *granted),
                suggestion="take sizes from shapes or Python ints; build at the largest size and mask",
            )
            return


def _repeated(node: ast.BinOp, facts: Facts) -> Iterator[Problem]:
    """A list or tuple repeated as often as a tensor says: `[0] * t`."""
    if not isinstance(node.op, ast.Mult):
        return
    for sequence, times in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(sequence, (ast.List, ast.Tuple)):
            continue
        value = facts.value(times)
        if value.kind is Kind.TENSOR and _computed_here(times, facts):
            yield breaks(
                times,
                f"`{facts.source(times)}` is a tensor where repeating `{facts.source(sequence)}` needs a Python number",
                facts,
                because=(value,),
                suggestion="take the number from shapes or Python ints",
            )
            return


def _reduced_by_numpy(argument: ast.expr, facts: Facts) -> bool:
    """Whether numpy gives the number, `np.prod(x.shape)`, `n * self.scale`: Dynamo traces it as a tensor.

    A number that numpy computes of plain ones is a constant, and so is one that stands alone (torch 2.13).
    """
    value = facts.value(argument)
    if Kind.NDARRAY not in (value.kind, *(alt.kind for alt in value.alts)):
        return False
    if isinstance(argument, ast.Name):
        made = definition_above(argument, facts)
        return isinstance(made, ast.Assign) and _reduced_by_numpy(made.value, facts)
    if value.is_numpy_number:
        return False
    if isinstance(argument, ast.BinOp):
        return any(facts.value(side).kind is Kind.NDARRAY for side in (argument.left, argument.right))
    return isinstance(argument, ast.Call) and not all(_number(part, facts) for part in argument.args)


def _holds_tensors(argument: ast.expr, facts: Facts) -> bool:
    """Whether the sizes are a list or tuple of tensors.

    Made of the elements of a parameter that only its declaration calls a tensor they are not counted: a function that
    takes sizes apart is given a list of them, whatever it says.
    """
    value = facts.value(argument)
    if value.element is None or value.element.kind is not Kind.TENSOR:
        return False
    if isinstance(argument, (ast.ListComp, ast.GeneratorExp)):
        source = argument.generators[0].iter
        declared = f"parameter `{facts.source(source)}` "
        reasons = facts.value(source).reasons
        return not reasons or not all(reason.text.startswith(declared) for reason in reasons)
    return True


def _numbers(node: ast.Call, name: str, facts: Facts) -> Iterator[ast.expr]:
    """The arguments, and members of literal sizes among them, that the operator reads as Python numbers."""
    positions, keywords = _NUMBERS[name]
    given = node.args[positions] + [keyword.value for keyword in node.keywords if keyword.arg in keywords]
    for argument in given:
        if isinstance(argument, (ast.Tuple, ast.List)):
            yield from argument.elts
        elif not isinstance(argument, ast.Starred):
            yield argument


def _computed_here(argument: ast.expr, facts: Facts) -> bool:
    """Whether the tensor is computed in the graph that runs here, from more than sizes.

    A 0-d tensor that enters a graph, as an argument, an attribute or across an earlier break, is a known number to
    Dynamo; so is one made of sizes alone while these are static.
    """
    if isinstance(argument, ast.Call):
        return True
    if isinstance(argument, (ast.BinOp, ast.UnaryOp, ast.Subscript)):
        return not _made_of_sizes(argument, facts)
    if not isinstance(argument, ast.Name):
        return False
    if facts.value(argument).name == "row" and is_given(argument, facts):
        return True  # given what a caller's loop over a tensor yields
    made = definition_above(argument, facts)
    if isinstance(made, (ast.For, ast.comprehension)) or (
        made is not None and isinstance(made.targets[0], ast.Tuple)
    ):
        return facts.value(_unpacked(made, argument.id, facts)).kind is Kind.TENSOR
    if made is None or not isinstance(made.value, (ast.Call, ast.BinOp, ast.Subscript)):
        return False
    return not _made_of_sizes(made.value, facts) and not _graph_ends_between(made, argument, facts)


def _unpacked(made: ast.Assign | ast.For, name: str, facts: Facts) -> ast.expr:
    """What a name bound by a loop or an unpacking is an element of: of `zip(a, b)` the sequence at its place."""
    if isinstance(made, ast.Assign):
        return made.value
    if (
        isinstance(made.iter, ast.Call)
        and isinstance(made.target, ast.Tuple)
        and facts.callee(made.iter).name == "builtins.zip"
    ):
        for part, sequence in zip(made.target.elts, made.iter.args, strict=False):
            if isinstance(part, ast.Name) and part.id == name:
                return sequence
    return made.iter


def _made_of_sizes(node: ast.expr, facts: Facts) -> bool:
    """Whether a tensor is made of sizes and constants alone."""
    if isinstance(node, ast.Name):
        made = definition_above(node, facts)
        return (
            isinstance(made, ast.Assign) and made.targets[0] is not node and _made_of_sizes(made.value, facts)
        )
    if isinstance(node, ast.BinOp):
        return all(_number(side, facts) or _made_of_sizes(side, facts) for side in (node.left, node.right))
    if not isinstance(node, ast.Call) or not facts.callee(node).name.startswith("torch."):
        return False
    return bool(node.args) and all(_number(argument, facts) for argument in node.args)


def _number(node: ast.expr, facts: Facts) -> bool:
    return facts.value(node).kind in (Kind.SIZE, Kind.CONST, Kind.PYTHON)


def _graph_ends_between(made: ast.stmt, use: ast.expr, facts: Facts) -> bool:
    """Whether a call that always ends the graph stands between two places of one function."""
    function = facts.function(use)
    return any(
        isinstance(call, ast.Call)
        and made.lineno < call.lineno < use.lineno
        and facts.callee(call).name in _ENDS_GRAPH
        for call in (walk(function) if function is not None else ())
    )

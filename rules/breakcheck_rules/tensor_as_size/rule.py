"""A tensor is given where an operator needs a Python number.

## What it does
Finds tensors in places that hold Python numbers: sizes (`torch.zeros(t, 3)`, `x.view(t, -1)`,
`torch.full((2, t), 0)`), ends of `torch.arange`, lengths of `narrow`, `split`, `chunk`, `pad`, `topk`,
`roll` and their like.

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

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC209",
    name="tensor-as-size",
    summary="a tensor is given where an operator needs a Python number",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK, Effect.SYNC),
    versions=">=2.1",
    gb_ids=("GB0033",),
    calls=("torch.*", "torch.Tensor.*", "torch.nn.functional.*"),
    matrix=("hs_item_shape", "ds_arange_tensor", "hs_for_row_in_tensor_ints"),
)

# Callee -> (position from which all positional arguments are numbers, or -n for the n-th alone; keywords).
_SIZE = ("size", "shape")
_NUMBERS: dict[str, tuple[int, tuple[str, ...]]] = {
    **{
        f"torch.{name}": (0, _SIZE) for name in ("zeros", "ones", "empty", "rand", "randn", "eye", "randperm")
    },
    **{
        f"torch.Tensor.{name}": (0, _SIZE)
        for name in ("new_zeros", "new_ones", "new_empty", "expand", "repeat", "tile")
    },
    **{
        f"torch.Tensor.{name}": (0, _SIZE)
        for name in ("view", "reshape", "unflatten", "chunk", "unfold", "tril", "triu")
    },
    "torch.arange": (0, ("start", "end", "step")),
    "torch.randint": (0, ("low", "high", "size")),
    "torch.tril_indices": (0, ("row", "col", "offset")),
    "torch.triu_indices": (0, ("row", "col", "offset")),
    "torch.Tensor.narrow": (1, ("start", "length")),
    "torch.narrow": (2, ("start", "length")),
    "torch.Tensor.split": (0, ("split_size",)),
    "torch.Tensor.tensor_split": (0, ("indices_or_sections",)),
    "torch.Tensor.topk": (0, ("k",)),
    "torch.Tensor.roll": (0, ("shifts",)),
    "torch.split": (1, ("split_size_or_sections",)),
    "torch.tensor_split": (1, ("indices_or_sections",)),
    "torch.chunk": (1, ("chunks",)),
    "torch.topk": (1, ("k",)),
    "torch.roll": (1, ("shifts",)),
    "torch.reshape": (1, ("shape",)),
    "torch.tril": (1, ("diagonal",)),
    "torch.triu": (1, ("diagonal",)),
    "torch.full_like": (1, ("fill_value",)),
    "torch.nn.functional.pad": (-1, ("pad",)),
    "torch.nn.functional.interpolate": (-1, ("size",)),
    "torch.nn.functional.one_hot": (1, ("num_classes",)),
    "torch.nn.functional.dropout": (-1, ("p",)),
    "torch.full": (-0, ("size",)),
    "torch.linspace": (-2, ("steps",)),
}


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    name = facts.callee(node).name
    for argument in _numbers(node, name, facts):
        value = facts.value(argument)
        if value.kind is Kind.TENSOR:
            yield breaks(
                argument,
                f"`{facts.source(argument)}` is a tensor where `{name.rpartition('.')[2]}` needs a Python number",
                facts,
                because=(facts.callee(node), value),
                suggestion="take sizes from shapes or Python ints; build at the largest size and mask",
            )
            return


def _numbers(node: ast.Call, name: str, facts: Facts) -> Iterator[ast.expr]:
    """The arguments, and members of literal sizes among them, that the operator reads as Python numbers."""
    first, keywords = _NUMBERS.get(name, (None, ()))
    if first is None:
        return
    given = list(node.args[first:] if first >= 0 else node.args[-first : -first + 1])
    given += [keyword.value for keyword in node.keywords if keyword.arg in keywords]
    for argument in given:
        if isinstance(argument, (ast.Tuple, ast.List)):
            yield from argument.elts
        elif not isinstance(argument, ast.Starred):
            yield argument

"""Which unannotated parameters a body uses as tensors."""

from __future__ import annotations

import ast

from breakcheck.semantic import torch_api
from breakcheck.semantic.arguments import parameters
from breakcheck.semantic.project import External
from breakcheck.semantic.symbols import FunctionInfo
from breakcheck.semantic.trees import walk
from breakcheck.semantic.world import World

# fmt: off
# Methods of a receiver we know nothing about that only a tensor has.
TELLING = frozenset((
    *("abs", "all", "any", "argmax", "argmin", "as_subclass", "bmm", "chunk", "clamp", "contiguous"),
    *("cumsum", "detach", "exp", "expand", "expand_as", "flatten", "gather", "index_select", "item"),
    *("log_softmax", "logsumexp", "masked_fill", "masked_fill_", "masked_select", "matmul", "mean"),
    *("ndimension", "new_full", "new_ones", "new_zeros", "nonzero", "norm", "permute", "repeat_interleave"),
    *("reshape", "scatter", "scatter_", "scatter_add", "sigmoid", "softmax", "sqrt", "squeeze", "std"),
    *("sum", "tanh", "transpose", "type_as", "unbind", "unflatten", "unsqueeze", "view", "view_as"),
))
# Attributes of a parameter that only tensors (and, in traced code rarely, arrays) have: of other receivers a module, a
# string or a set may be asked the same.
TENSOR_ONLY = TELLING | frozenset((
    *("add_", "amax", "amin", "argsort", "backward", "bool", "ceil", "clamp_", "clamp_max", "clamp_min"),
    *("clone", "copy_", "cos", "cpu", "cuda", "cumprod", "device", "diagonal", "diff", "dim", "div"),
    *("div_", "double", "dtype", "eq", "erf", "fill_", "flip", "float", "floor", "ge", "gt", "half"),
    *("index_add", "index_add_", "index_copy", "int", "is_cuda", "is_floating_point", "isinf", "isnan"),
    *("le", "log", "logical_and", "logical_not", "logical_or", "long", "lt", "mT", "max", "min", "movedim"),
    *("mul", "mul_", "narrow", "ndim", "ne", "neg", "new", "new_empty", "new_tensor", "normal_", "numel"),
    *("pow", "prod", "reciprocal", "relu", "repeat", "requires_grad", "roll", "rsqrt", "scatter_add_"),
    *("shape", "sin", "size", "square", "stride", "sub", "sub_", "t", "to_dense", "to_sparse", "topk"),
    *("tril", "triu", "unique", "unsqueeze_", "var", "zero_"),
))
# fmt: on
# Functions whose first argument is a size, a number or a list.
NOT_FROM_TENSORS = frozenset(
    [
        "tensor",
        "as_tensor",
        "full",
        "zeros",
        "ones",
        "cat",
        "stack",
        "concat",
        "hstack",
        "vstack",
        "arange",
        "rand",
        "randn",
        "empty",
        "eye",
        "linspace",
        "randint",
        "block_diag",
        "meshgrid",
        "from_numpy",
        "broadcast_tensors",
        "einsum",
        "normal",
        "pad_sequence",
    ]
)
# What would rule a tensor out.
OTHER = frozenset(
    [
        "keys",
        "values",
        "items",
        "append",
        "extend",
        "get",
        "pop",
        "update",
        "startswith",
        "endswith",
        "lower",
        "format",
        "join",
        "config",
    ]
)


def tensor_parameters(world: World, info: FunctionInfo) -> frozenset[str]:
    """The names of parameters with evidence of being tensors and none against."""
    node = info.node
    names = {arg.arg for arg in parameters(node) if arg.annotation is None}
    names.discard("self")
    if not names:
        return frozenset()
    positive: set[str] = set()
    negative: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in names:
            if part.attr in TENSOR_ONLY:
                positive.add(part.value.id)
            elif part.attr in OTHER or not (
                torch_api.method_codes(part.attr) or torch_api.attribute_code(part.attr)
            ):
                negative.add(part.value.id)
        elif isinstance(part, ast.Call):
            _from_call(world, info, part, names, positive, negative)
        elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.MatMult):
            for side in (part.left, part.right):
                if isinstance(side, ast.Name) and side.id in names:
                    positive.add(side.id)
        elif isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and part.value.id in names:
            if isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
                negative.add(part.value.id)
            elif isinstance(part.slice, ast.Tuple):
                positive.add(part.value.id)
    return frozenset(positive - negative)


def _from_call(
    world: World, info: FunctionInfo, call: ast.Call, names: set[str], positive: set[str], negative: set[str]
) -> None:
    func = call.func
    if isinstance(func, ast.Name) and func.id in names:
        negative.add(func.id)
        return
    first = call.args[0] if call.args else None
    if not (isinstance(first, ast.Name) and first.id in names):
        return
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self":
        own = info.owner is not None and func.attr in info.owner.members
        if info.name == "forward" and not own:  # a submodule's input
            positive.add(first.id)
        return
    found = world.resolve(info.module, func)
    if found is not None and isinstance(found.symbol, External):
        name = torch_api.canonical(found.symbol.name)
        if torch_api.function_codes(name).startswith("T") and name.rpartition(".")[2] not in NOT_FROM_TENSORS:
            positive.add(first.id)

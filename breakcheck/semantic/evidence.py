"""Which unannotated parameters a body uses as tensors."""

from __future__ import annotations

import ast

from breakcheck.semantic import torch_api
from breakcheck.semantic.project import External
from breakcheck.semantic.symbols import FunctionInfo
from breakcheck.semantic.trees import walk
from breakcheck.semantic.world import World

# Attributes that only tensors (and, in traced code rarely, arrays) have.
TENSOR_ONLY = frozenset(
    [
        "shape",
        "dtype",
        "device",
        "ndim",
        "unsqueeze",
        "unsqueeze_",
        "squeeze",
        "permute",
        "contiguous",
        "expand",
        "expand_as",
        "masked_fill",
        "masked_fill_",
        "view",
        "view_as",
        "detach",
        "new_zeros",
        "new_ones",
        "new_full",
        "new_tensor",
        "new_empty",
        "requires_grad",
        "flatten",
        "unflatten",
        "bmm",
        "matmul",
        "size",
        "dim",
        "numel",
        "softmax",
        "long",
        "float",
        "half",
        "bool",
        "cuda",
        "cpu",
        "index_select",
        "gather",
        "scatter",
        "scatter_",
        "repeat_interleave",
        "chunk",
        "unbind",
        "narrow",
        "type_as",
        "to_dense",
        "sigmoid",
        "tanh",
        "relu",
        "exp",
        "log",
        "sqrt",
        "rsqrt",
        "abs",
        "clamp",
        "clamp_min",
        "clamp_max",
        "cumsum",
        "argmax",
        "argmin",
        "nonzero",
        "masked_select",
        "item",
        "t",
        "mT",
        "transpose",
        "reshape",
        "mean",
        "std",
        "var",
        "norm",
        "pow",
        "neg",
        "roll",
        "flip",
        *(
            "max",
            "min",
            "sum",
            "any",
            "all",
            "prod",
            "amax",
            "amin",
            "topk",
            "argsort",
            "unique",
            "cumprod",
            "diff",
        ),
        *("clone", "logsumexp", "log_softmax", "square", "sin", "cos", "floor", "ceil", "erf", "reciprocal"),
        *("eq", "ne", "lt", "gt", "le", "ge", "logical_not", "logical_and", "logical_or", "isnan", "isinf"),
        *(
            "mul",
            "mul_",
            "add_",
            "sub",
            "sub_",
            "div",
            "div_",
            "fill_",
            "zero_",
            "copy_",
            "clamp_",
            "normal_",
        ),
        *(
            "int",
            "double",
            "as_subclass",
            "to_sparse",
            "is_cuda",
            "is_floating_point",
            "stride",
            "movedim",
            "diagonal",
            "triu",
            "tril",
        ),
        *(
            "scatter_add",
            "scatter_add_",
            "index_add",
            "index_add_",
            "index_copy",
            "repeat",
            "new",
            "backward",
        ),
    ]
)
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
    names = {
        arg.arg
        for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if arg.annotation is None
    }
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

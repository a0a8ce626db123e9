"""What torch's own names are and return: canonical names, a table from the stubs, and what the stubs leave out."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path

from breakcheck.semantic import values as v
from breakcheck.semantic.values import Kind, Value

DATA = Path(__file__).parent / "data" / "torch_returns.json"

# Private homes of public names; the longest match wins.
MOVED = (
    (re.compile(r"^torch\.nn\.modules\.([a-z_0-9]+\.)?"), "torch.nn."),
    (re.compile(r"^torch\.nn\.parameter\."), "torch.nn."),
    (re.compile(r"^torch\.(functional|_C|_C\._VariableFunctions|_VF|_tensor|_C\.TensorBase)\."), "torch."),
    (re.compile(r"^torch\.distributed\.distributed_c10d\."), "torch.distributed."),
    (re.compile(r"^torch\.autograd\.function\."), "torch.autograd."),
    (re.compile(r"^torch\.autograd\.grad_mode\."), "torch."),
    (re.compile(r"^torch\.amp\.autocast_mode\."), "torch.amp."),
    (re.compile(r"^einops\.(einops|packing|_torch_specific)\."), "einops."),
    (re.compile(r"^threading\._?RLock$"), "threading.RLock"),
    (re.compile(r"^transformers\.utils\.logging\.logging\."), "logging."),
)
SOME_LAYER = "torch.nn.?"  # a class of torch.nn by a name that is not known
TENSOR_CLASSES = {
    "torch.Tensor": "",
    "torch.FloatTensor": "float",
    "torch.HalfTensor": "float",
    "torch.BFloat16Tensor": "float",
    "torch.DoubleTensor": "float",
    "torch.LongTensor": "int",
    "torch.IntTensor": "int",
    "torch.ShortTensor": "int",
    "torch.ByteTensor": "int",
    "torch.BoolTensor": "bool",
    "torch.nn.Parameter": "float",
    "torch.nn.Buffer": "",
    "torch.nn.UninitializedParameter": "float",
    "torch.cuda.FloatTensor": "float",
    "torch.cuda.LongTensor": "int",
    "torch.autograd.Variable": "",
}
DTYPES = {
    "bool": "bool",
    "float": "float",
    "float16": "float",
    "float32": "float",
    "float64": "float",
    "half": "float",
    "double": "float",
    "bfloat16": "float",
    "long": "int",
    "int": "int",
    "int8": "int",
    "int16": "int",
    "int32": "int",
    "int64": "int",
    "short": "int",
    "uint8": "int",
    "cfloat": "complex",
    "cdouble": "complex",
    "complex64": "complex",
    "complex128": "complex",
    "float8_e4m3fn": "float",
    "float8_e5m2": "float",
}
# Truth known while Dynamo traces.
TRACING_FLAGS = {
    "torch.compiler.is_compiling": True,
    "torch.compiler.is_dynamo_compiling": True,
    "torch._dynamo.is_compiling": True,
    "torch._dynamo.external_utils.is_compiling": True,
    "torch.compiler.is_exporting": False,
    "torch.jit.is_scripting": False,
    "torch.jit.is_tracing": False,
    "torch._C._get_tracing_state": False,
    "torch.onnx.is_in_onnx_export": False,
    "torch.overrides.has_torch_function": False,
    "torch.overrides.has_torch_function_unary": False,
    "torch.overrides.has_torch_function_variadic": False,
    "torch.overrides.is_tensor_method_or_property": False,
    "torch.fx._symbolic_trace.is_fx_tracing": False,
    "torch._is_functional_tensor": False,
}
BOOL_RESULTS = {
    "isnan",
    "isinf",
    "isfinite",
    "isposinf",
    "isneginf",
    "isreal",
    "isin",
    "isclose",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "not_equal",
    "logical_and",
    "logical_or",
    "logical_xor",
    "logical_not",
    "any",
    "all",
    "signbit",
    "bool",
    "eq_",
    "ne_",
    "lt_",
    "le_",
    "gt_",
    "ge_",
    "logical_not_",
    "logical_and_",
    "logical_or_",
}
INT_RESULTS = {
    "argmax",
    "argmin",
    "argsort",
    "nonzero",
    "argwhere",
    "bincount",
    "count_nonzero",
    "long",
    "int",
    "short",
    "randint",
    "randperm",
    "searchsorted",
    "bucketize",
    "multinomial",
    "tril_indices",
    "triu_indices",
    "one_hot",
}
FLOAT_RESULTS = {
    "generate_square_subsequent_mask",
    "softmax",
    "log_softmax",
    "sigmoid",
    "tanh",
    "mean",
    "std",
    "var",
    "rand",
    "randn",
    "rand_like",
    "randn_like",
    "normal",
    "float",
    "half",
    "double",
    "bfloat16",
    "relu",
    "gelu",
    "silu",
    "dropout",
    "layer_norm",
    "linear",
    "sqrt",
    "rsqrt",
    "exp",
    "log",
    "sin",
    "cos",
    "linspace",
    "logspace",
    "cumulative_trapezoid",
    "scaled_dot_product_attention",
    "embedding",
    "interpolate",
    "rms_norm",
    "log2",
    "log10",
    "log1p",
    "expm1",
    "erf",
    "pow",
    "bmm",
    "matmul",
    "norm",
    "einsum",
    "conv1d",
    "conv2d",
    "conv3d",
}
# The result has the first operand's dtype class.
SAME_DTYPE = {
    "view",
    "reshape",
    "permute",
    "transpose",
    "contiguous",
    "unsqueeze",
    "squeeze",
    "expand",
    "expand_as",
    "flatten",
    "unflatten",
    "repeat",
    "clone",
    "detach",
    "roll",
    "flip",
    "cat",
    "stack",
    "concat",
    "concatenate",
    "hstack",
    "vstack",
    "index_select",
    "gather",
    "narrow",
    "select",
    "unbind",
    "split",
    "chunk",
    "tile",
    "cpu",
    "cuda",
    "T",
    "t",
    "mT",
    "H",
    "mH",
    "data",
    "movedim",
    "swapaxes",
    "swapdims",
    "broadcast_to",
    "as_strided",
    "unfold",
    "diagonal",
    "tril",
    "triu",
    "masked_fill",
    "masked_fill_",
    "scatter",
    "scatter_",
    "index_fill",
    "where",
    "take",
    "take_along_dim",
    "repeat_interleave",
    "full_like",
    "zeros_like",
    "ones_like",
    "empty_like",
    "new_zeros",
    "new_ones",
    "new_full",
    "new_empty",
    "pad",
    "clamp",
    "clamp_min",
    "clamp_max",
    "abs",
    "neg",
    "round",
    "sort",
    "cumsum",
    "sum",
    "prod",
    "max",
    "min",
    "amax",
    "amin",
    "nan_to_num",
    "view_as",
    "reshape_as",
    "to",
    "requires_grad_",
    "fill_",
    "copy_",
    "zero_",
    "add_",
    "mul_",
    "sub_",
    "div_",
    "masked_select",
    "unique",
    "values",
    "mul",
    "add",
    "sub",
    "bitwise_and",
    "bitwise_or",
    "bitwise_not",
    "bitwise_xor",
    "squeeze_",
    "unsqueeze_",
    "atleast_1d",
    "atleast_2d",
    "ravel",
    "rot90",
    "fliplr",
    "flipud",
    "moveaxis",
    "index_put",
    "index_put_",
    "detach_",
    "topk",
}
DYNAMIC_SHAPE = {"nonzero", "argwhere", "masked_select", "unique", "unique_consecutive", "bincount"}
SIZE_METHODS = {
    "size",
    "dim",
    "numel",
    "nelement",
    "ndimension",
    "stride",
    "storage_offset",
    "ndim",
    "nbytes",
    "itemsize",
    "element_size",
}
SIZE_ATTRIBUTES = {"ndim", "itemsize", "nbytes"}
METHOD_EXTRAS = {
    "norm": "T",
    "stft": "T",
    "istft": "T",
    "unique": "T|TT|TTT",
    "unique_consecutive": "T|TT|TTT",
    "split": "T*",
    "chunk": "T*",
    "to": "T",
    "type": "T|s",
    "index": "T",
    "get_device": "i",
    "new": "T",
    "new_tensor": "T",
    "__getitem__": "T",
    "is_floating_point": "b",
    "is_complex": "b",
    "numpy": "n",
    "backward": "N",
    "register_hook": "?",
    "__len__": "i",
    "data_ptr": "i",
    "storage": "?",
    "untyped_storage": "?",
    "eig": "TT",
    "lu": "TT",
    "lstsq": "TT",
    "share_memory_": "T",
    "rename": "T",
    "refine_names": "T",
    "to_local": "T",
    "redistribute": "T",
    "full_tensor": "T",
    "wait": "T",
    "to_sparse_coo": "T",
    "resize": "T",
    "resize_as": "T",
}
FUNCTION_EXTRAS = {
    "torch.atleast_1d": "T",
    "torch.atleast_2d": "T",
    "torch.atleast_3d": "T",
    "torch.block_diag": "T",
    "torch.broadcast_tensors": "T*",
    "torch.broadcast_shapes": "S",
    "torch.cdist": "T",
    "torch.chain_matmul": "T",
    "torch.cartesian_prod": "T",
    "torch.norm": "T",
    "torch.tensordot": "T",
    "torch.einsum": "T",
    "torch.meshgrid": "T*",
    "torch.stft": "T",
    "torch.split": "T*",
    "torch.chunk": "T*",
    "torch.unique": "T|TT|TTT",
    "torch.unique_consecutive": "T|TT|TTT",
    "torch.nn.functional.one_hot": "T",
    "torch.nn.functional.pad": "T",
    "torch.nn.functional.multi_head_attention_forward": "TT",
    "torch.nn.Transformer.generate_square_subsequent_mask": "T",
    "torch.nn.utils.rnn.pad_sequence": "T",
    "torch.nn.utils.rnn.unpad_sequence": "T*",
    "torch.nn.utils.rnn.pack_padded_sequence": "?",
    "torch.nn.utils.rnn.pad_packed_sequence": "TT",
    "torch.nn.utils.parametrizations.weight_norm": "?",
    "torch.is_tensor": "b",
    "torch.is_floating_point": "b",
    "torch.is_complex": "b",
    "torch.is_grad_enabled": "b",
    "torch.is_autocast_enabled": "b",
    "torch.get_default_dtype": "d",
    "torch.cuda.is_available": "b",
    "torch.cuda.device_count": "i",
    "torch.finfo": "?",
    "torch.iinfo": "?",
    "torch.numel": "i",
    "torch.ops.torchvision.nms": "T",
    "torchvision.ops.nms": "T",
    "torch.distributed.get_rank": "i",
    "torch.distributed.get_world_size": "i",
    "torch.distributed.is_available": "b",
    "torch.distributed.is_initialized": "b",
    "torch.Size": "S",
    "einops.rearrange": "T",
    "einops.repeat": "T",
    "einops.reduce": "T",
    "einops.einsum": "T",
    "einops.pack": "T?",
    "einops.unpack": "T*",
    "opt_einsum.contract": "T",
    "torch.as_tensor": "T",
    "torch.from_numpy": "T",
    "torch.nn.utils.clip_grad_norm_": "T",
}
RNN = {
    "torch.nn.LSTM": "T(TT)",
    "torch.nn.GRU": "TT",
    "torch.nn.RNN": "TT",
    "torch.nn.LSTMCell": "TT",
    "torch.nn.MultiheadAttention": "TT",
}
SEQUENCES = {"torch.nn.ModuleList", "torch.nn.ParameterList"}
MAPPINGS = {"torch.nn.ModuleDict", "torch.nn.ParameterDict"}
NOT_MODULES = {
    "torch.nn.Parameter",
    "torch.nn.Buffer",
    "torch.nn.ParameterList",
    "torch.nn.ParameterDict",
    "torch.nn.UninitializedParameter",
    "torch.nn.DataParallel",
}


@cache
def _table() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def canonical(name: str) -> str:
    """The public name of a library's callable: "torch.nn.Linear" for "torch.nn.modules.linear.Linear"."""
    for pattern, public in MOVED:
        replaced = pattern.sub(public, name)
        if replaced != name:
            return canonical(replaced)
    return name


@cache
def method_codes(name: str) -> str:
    """The return codes of a tensor method, "" when tensors have none of that name."""
    if name in METHOD_EXTRAS:
        return METHOD_EXTRAS[name]
    return _table()["methods"].get(name, "")


@cache
def attribute_code(name: str) -> str:
    """The return code of a tensor attribute, "" when tensors have none of that name."""
    return _table()["attributes"].get(name, "")


@cache
def function_codes(name: str) -> str:
    """The return codes of a library function by canonical name, "" when it is not in the table."""
    if name in FUNCTION_EXTRAS:
        return FUNCTION_EXTRAS[name]
    prefix, _, last = name.rpartition(".")
    table = {
        "torch": "functions",
        "torch.nn.functional": "functional",
        "torch.linalg": "linalg",
        "torch.fft": "fft",
        "torch.special": "special",
    }.get(prefix)
    if table is None:
        if name.startswith(("torch.ops.aten.", "torch.distributed._functional_collectives.")):
            return "T"
        return ""
    code = _table()[table].get(last, "")
    return "" if code == "?" else code


# Base classes of other libraries that are modules, by the libraries that have one of the name: where they are not
# installed beside the linter (pre-commit, pipx) nothing else says so.
BASES = {
    "LightningModule": ("lightning", "pytorch_lightning"),
    "PreTrainedModel": ("transformers",),
    "ModelMixin": ("diffusers",),
    "MessagePassing": ("torch_geometric",),
    "BaseModule": ("mmengine", "mmcv"),
    "BaseModel": ("mmengine",),
    "TensorDictModuleBase": ("tensordict",),
}
# Libraries whose classes are no modules of torch's, though they may have a `forward`.
OTHER_FRAMEWORKS = frozenset(
    (
        *("chainer", "equinox", "flax", "jax", "jittor", "keras", "megengine", "mindspore", "mxnet", "numpy"),
        *(
            "omegaconf",
            "oneflow",
            "paddle",
            "pandas",
            "pydantic",
            "scipy",
            "sklearn",
            "tensorflow",
            "tinygrad",
        ),
    )
)


def may_be_module_class(name: str) -> bool:
    """Whether a class that can't be read, of a library that is not known here, may be an nn.Module."""
    top = name.partition(".")[0]
    return (
        top not in OTHER_FRAMEWORKS
        and top not in ("torch", "builtins")
        and top not in sys.stdlib_module_names
    )


def is_module_class(name: str) -> bool:
    """Whether a library class is an nn.Module."""
    if name in NOT_MODULES:
        return False
    prefix, _, last = name.rpartition(".")
    if name.partition(".")[0] in BASES.get(last, ()):
        return True
    if prefix in ("torch.nn", "einops.layers.torch", "torch.nn.utils.parametrize"):
        return last.lstrip("_")[:1].isupper()  # `_Loss` too, of which many packages derive theirs
    return name in ("torch.jit.ScriptModule", "torch.nn.Module") or (
        name.startswith(("torch.ao.nn.", "torchvision.models.", "torch.nn.intrinsic")) and last[:1].isupper()
    )


@cache
def from_code(code: str, dtype: str = "", assumed: bool = False) -> Value:
    """The value of one return code."""
    tensor = Value(Kind.TENSOR, dtype=dtype, assumed=assumed)
    if code == "T":
        return tensor
    if code == "T*":
        return Value(Kind.CONTAINER, name="tuple", element=tensor)
    if code == "T(TT)":
        plain = Value(Kind.TENSOR)
        return v.container("tuple", (plain, v.container("tuple", (plain, plain))))
    if code == "T?":
        return v.container("tuple", (tensor, v.PYTHON))
    if len(code) > 1 and set(code) == {"T"}:
        return v.container("tuple", tuple([tensor] + [Value(Kind.TENSOR)] * (len(code) - 1)))
    simple = {
        "i": v.PY_INT,
        "f": v.PY_FLOAT,
        "b": v.PY_BOOL,
        "s": v.PY_STR,
        "n": v.NDARRAY,
        "S": v.SHAPE,
        "N": v.NONE,
        "d": v.DTYPE,
        "D": v.DEVICE,
        "h": v.HOST,
        "h*": Value(Kind.CONTAINER, name="list", element=v.HOST),
    }
    return simple.get(code, v.UNKNOWN)

"""What builtins, torch and a few standard functions return."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from breakcheck.semantic import torch_api
from breakcheck.semantic import values as v
from breakcheck.semantic.arguments import Arguments
from breakcheck.semantic.narrowing import class_names, isinstance_truth
from breakcheck.semantic.symbols import ClassInfo
from breakcheck.semantic.values import Kind, Reason, Value
from breakcheck.semantic.world import BoundMethod, Code

if TYPE_CHECKING:
    from breakcheck.semantic.frame import Frame

REDUCE_BY_DIM = {
    "max",
    "min",
    "median",
    "mode",
    "nanmedian",
    "kthvalue",
    "cummax",
    "cummin",
    "sort",
    "topk",
    "aminmax",
}
KNOWN_RESULTS: dict[str, Value] = {
    **{
        name: Value(Kind.PYTHON, name="logging.Logger")
        for name in (
            *("logging.getLogger", "accelerate.logging.get_logger", "diffusers.utils.logging.get_logger"),
            *("datasets.utils.logging.get_logger", "huggingface_hub.utils.logging.get_logger"),
            *("transformers.utils.logging.get_logger", "vllm.logger.init_logger"),
        )
    },
    "os.environ.get": v.PY_STR,
    "os.getenv": v.PY_STR,
    "math.prod": v.PYTHON,
    "copy.copy": v.UNKNOWN,
    "torch.compiler.is_compiling": v.constant(True),
    "importlib.util.find_spec": v.PYTHON,
    "threading.Lock": Value(Kind.PYTHON, name="threading.Lock"),
    "threading.RLock": Value(Kind.PYTHON, name="threading.RLock"),
}
PASS_THROUGH = {
    "torch.compile",
    "torch.jit.ignore",
    "torch.jit.unused",
    "torch.jit.export",
    "torch.jit.script",
    "functools.wraps",
    "functools.lru_cache",
    "functools.cache",
    "typing.cast",
    "copy.deepcopy",
    "copy.copy",
    "torch.nn.utils.weight_norm",
    "torch.nn.utils.parametrizations.weight_norm",
    "torch.nn.utils.spectral_norm",
    "torch.nn.utils.parametrizations.spectral_norm",
    "torch.nn.utils.remove_weight_norm",
    "torch.nn.utils.parametrizations.orthogonal",
    "torch.nn.utils.skip_init",
    "torch.fx.wrap",
}
# Functions of numpy that make a number of numbers: always a float, always an int, or what the numbers are.
NUMPY_FLOATS = frozenset(
    (
        *("arccos", "arcsin", "arctan", "arctan2", "cbrt", "cos", "cosh", "deg2rad", "divide", "exp", "exp2"),
        *(
            "expm1",
            "float16",
            "float32",
            "float64",
            "log",
            "log10",
            "log1p",
            "log2",
            "rad2deg",
            "rint",
            "sin",
        ),
        *("sinh", "sqrt", "tan", "tanh", "true_divide"),
    )
)
NUMPY_INTS = frozenset(("int8", "int16", "int32", "int64", "uint8"))
NUMPY_OF_SAME = frozenset(
    (
        *(
            "abs",
            "absolute",
            "add",
            "ceil",
            "clip",
            "fix",
            "floor",
            "floor_divide",
            "maximum",
            "minimum",
            "mod",
        ),
        *("multiply", "negative", "power", "round", "sign", "square", "subtract", "trunc"),
    )
)
# Dynamo runs every other numpy function on tensors, whatever its arguments (torch/_dynamo/variables/misc.py).
NOT_ARRAYS = {
    "float32",
    "float64",
    "int64",
    "int32",
    "bool_",
    "uint8",
    "issubdtype",
    "finfo",
    "iinfo",
    "dtype",
}
CONVERSIONS = frozenset(("to", "type", "cpu", "cuda", "float", "half", "double", "bfloat16", "contiguous"))
# Drawn by the graph: a 0-d tensor to Dynamo, unlike `random.random()`, `choice` or `sample`. Its value has the name
# "random", as no tensor that an operator made of it has.
DRAWN = {"random.uniform": "float", "random.randint": "int", "random.randrange": "int"}


def tensor_method(frame: Frame, receiver: Value, name: str, args: Arguments, node: ast.Call | None) -> Value:
    """What a method of a tensor returns."""
    if name in torch_api.SIZE_METHODS:
        if name == "size" and not args.positional and not args.keywords:
            return v.UNBACKED_SHAPE if receiver.unbacked else v.SHAPE
        if name in ("dim", "ndimension", "element_size"):
            return v.PY_INT
        return v.UNBACKED_SIZE if receiver.unbacked else v.SIZE
    codes = torch_api.method_codes(name)
    if name == "type" and args.positional:
        codes = "T"
    made = _from_codes(name, codes, args, (receiver,), is_method=True)
    if receiver.name and name in CONVERSIONS and made.kind is Kind.TENSOR:
        return v.changed(made, name=receiver.name)  # a buffer with nothing to convert is given back itself
    return made


def _from_codes(name: str, codes: str, args: Arguments, sources: tuple[Value, ...], is_method: bool) -> Value:
    code = _chosen(name, codes, args, is_method)
    dtype = result_dtype(name, args, sources[0] if sources else v.UNKNOWN)
    value = torch_api.from_code(code, dtype)
    unbacked = name in torch_api.DYNAMIC_SHAPE or (name == "where" and len(args.every()) + is_method == 1)
    reasons: tuple[Reason, ...] = ()
    for source in sources:
        if source.kind is Kind.TENSOR:
            unbacked = unbacked or (source.unbacked and not is_reduction(name, args))
            reasons = reasons or source.reasons
    if value.kind is Kind.TENSOR:
        # A torch function gives a tensor whatever its arguments were; a method is one only if its receiver is.
        assumed = is_method and sources[0].assumed
        if not (unbacked or assumed or reasons):
            return value  # as the code has it
        return v.changed(value, unbacked=unbacked, assumed=assumed, reasons=reasons)
    if value.kind is Kind.CONTAINER and value.element is not None and sources:
        source = sources[0]
        assumed = is_method and source.assumed
        element = v.changed(value.element, assumed=assumed, unbacked=unbacked, reasons=source.reasons)
        items = None
        if value.items is not None:
            items = tuple(
                v.changed(item, assumed=assumed, unbacked=unbacked, reasons=source.reasons)
                for item in value.items
            )
        return v.changed(value, element=element, items=items)
    return value


def is_reduction(name: str, args: Arguments) -> bool:
    """Whether a call takes a whole tensor to one number."""
    return (
        name in ("sum", "mean", "max", "min", "any", "all", "prod", "norm", "std", "var")
        and not args.every()[1:]
    )


def _chosen(name: str, codes: str, args: Arguments, is_method: bool) -> str:
    """Which of several overloads a call picks."""
    if "|" not in codes:
        return codes
    parts = codes.split("|")
    given = args.positional if is_method else args.positional[1:]
    if name in REDUCE_BY_DIM:
        by_dim = "dim" in args.keywords or (given and given[0].kind is not Kind.TENSOR)
        wide = [p for p in parts if len(p) > 1]
        return wide[0] if by_dim and wide else "T"
    if name in ("nonzero", "where"):
        as_tuple = args.keywords.get("as_tuple")
        if name == "where":
            return "T*" if len(args.every()) + is_method == 1 else "T"
        return "T*" if as_tuple is not None and as_tuple.const is True else "T"
    if name in ("unique", "unique_consecutive"):
        extra = sum(
            1
            for key in ("return_inverse", "return_counts")
            if (args.keywords.get(key) or v.NONE).const is True
        )
        return "T" * (1 + extra)
    if name in ("std_mean", "var_mean"):
        return "TT"
    if "T" in parts:
        wanted = args.keywords.get("return_indices") or args.keywords.get("return_inverse")
        return "T" if wanted is None or wanted.const is not True else parts[-1]
    return parts[0]


def result_dtype(name: str, args: Arguments, first: Value) -> str:
    """The dtype class of a torch call's result, "" when unknown."""
    given = args.keywords.get("dtype")
    if given is not None and given.kind is Kind.DTYPE and given.dtype:
        return given.dtype
    if name in ("to", "type", "view", "new_full", "new_tensor"):
        for value in args.positional:
            if value.kind is Kind.DTYPE:
                return value.dtype
            if value.kind is Kind.TENSOR and name == "to":
                return value.dtype
        if name == "to" and any(x.kind in (Kind.UNKNOWN, Kind.PYTHON) for x in args.every()):
            return "bool" if first.dtype == "bool" and not args.keywords else ""
        return first.dtype
    if name in ("any", "all") or name in torch_api.BOOL_RESULTS:
        return "bool"
    if name in torch_api.INT_RESULTS:
        return "int"
    if name in ("sum", "cumsum", "prod") and first.dtype == "bool":
        return "int"
    if name in torch_api.SAME_DTYPE:
        source = first
        if source.kind is Kind.CONTAINER and source.element is not None:
            source = source.element
        if name == "where" and len(args.every()) == 1 and first is args.first():
            return "int"  # indices
        if name == "where" and len(args.positional) >= 2:
            values = [a for a in args.positional[-2:] if a.kind is Kind.TENSOR]
            source = values[0] if values else v.TENSOR
        return source.dtype
    if name in torch_api.FLOAT_RESULTS:
        return "float"
    if name in ("zeros", "ones", "empty") and given is None:
        return "float"
    if name == "full":
        fill = args.get(1, "fill_value")
        return (
            v.python_type(fill)
            if fill is not None and v.python_type(fill) in ("bool", "int", "float")
            else ""
        )
    if name == "arange":
        kinds = {v.python_type(a) for a in args.positional}
        return "int" if kinds == {"int"} else ""
    if name == "tensor" or name == "as_tensor":
        kind = v.python_type(first.element if first.kind is Kind.CONTAINER and first.element else first)
        return kind if kind in ("bool", "int", "float") else first.dtype
    return ""


def library_call(frame: Frame, name: str, args: Arguments, node: ast.Call | None) -> Value:
    """What a library's function returns."""
    if name in torch_api.TRACING_FLAGS:
        # Constructors run before anything is compiled, exported or scripted.
        return v.constant(torch_api.TRACING_FLAGS[name] and frame.traced)
    if name in KNOWN_RESULTS:
        return KNOWN_RESULTS[name]
    if frame.traced and (drawn := DRAWN.get(name.replace("random.Random.", "random.", 1))) is not None:
        return Value(Kind.TENSOR, name="random", dtype=drawn, reasons=(Reason(f"drawn by {name}"),))
    if name == "torch.jit.script" and args.first().kind is Kind.MODULE:
        return Value(Kind.MODULE, name="torch.jit.ScriptModule")
    if name in ("torch.jit.trace", "torch.jit.load", "torch.jit.freeze", "torch.jit.trace_module"):
        return Value(Kind.MODULE, name="torch.jit.ScriptModule")
    if (
        name in ("inspect.isfunction", "inspect.ismethod", "inspect.isclass")
        and args.first().kind is Kind.FUNCTION
    ):
        return v.constant(name == "inspect.isfunction")
    if name in PASS_THROUGH:
        return args.get(1, "val") or args.first() if name == "typing.cast" else args.first()
    if name == "typing.cast":
        return args.get(1, "val") or v.UNKNOWN
    if name == "functools.partial":
        return _partial(args)
    if name == "torch.nn._get_clones" and args.first().kind is Kind.MODULE:
        return Value(Kind.CONTAINER, name="torch.nn.ModuleList", element=args.first())
    last = name.rpartition(".")[2]
    if name.startswith(("torch.", "einops.", "torchvision.", "opt_einsum.")):
        codes = torch_api.function_codes(name)
        if codes:
            sources = tuple(a for a in args.every() if a.kind in (Kind.TENSOR, Kind.CONTAINER))
            if name == "torch.is_tensor":
                first = args.first()
                return (
                    v.constant(True)
                    if first.is_tensor and not first.optional and not first.assumed
                    else v.PY_BOOL
                )
            return _from_codes(last, codes, args, sources, is_method=False)
        if name.startswith(("torch.vmap", "torch.func.")):
            return args.first()
        return v.UNKNOWN
    if name.startswith("numpy."):
        if name in ("numpy.random.default_rng",):
            return Value(Kind.PYTHON, name="numpy.random.Generator")
        return _numpy(last, args)
    if name.startswith("math."):
        if any(a.kind is Kind.HOST for a in args.positional):
            return v.HOST
        return v.PY_INT if last in ("ceil", "floor", "gcd", "prod", "isqrt") else v.PY_FLOAT
    if name.startswith(("itertools.", "collections.")):
        return _itertools(frame, last, args)
    if name.startswith("operator."):
        return v.UNKNOWN
    if last.startswith(("is_", "has_")):
        return v.PY_BOOL
    return v.UNKNOWN


def _numpy(last: str, args: Arguments) -> Value:
    """What a function of numpy returns. What is not known to be an array is taken for a number, as a setting is."""
    given = args.every()
    types = {v.number_type(a) for a in given if a.kind is not Kind.UNKNOWN}
    if given and types <= {"int", "float"} and not args.keywords:
        unsure = any(a.kind is Kind.UNKNOWN for a in given)
        if last in NUMPY_FLOATS or (last in NUMPY_OF_SAME and ("float" in types or unsure)):
            return v.NUMPY_FLOAT
        if not unsure and (last in NUMPY_INTS or last in NUMPY_OF_SAME):
            return v.NUMPY_INT
    return v.PYTHON if last in NOT_ARRAYS else v.NDARRAY


def _partial(args: Arguments) -> Value:
    first = args.first()
    if isinstance(first.target, Code):
        code = first.target
        held = (tuple(args.positional[1:]), tuple(args.keywords.items()))
        return v.changed(first, target=Code(code.info, code.env, code.receiver, code.found_in, held))
    return first


def _itertools(frame: Frame, name: str, args: Arguments) -> Value:
    iterate = frame.interpreter.iterate
    if name in ("chain", "cycle", "islice", "deque"):
        return Value(
            Kind.CONTAINER, name="generator", element=v.join_all(iterate(a) for a in args.positional)
        )
    if name in ("zip_longest", "product", "combinations"):
        return Value(
            Kind.CONTAINER,
            name="generator",
            element=v.container("tuple", [iterate(a) for a in args.positional]),
        )
    if name in ("OrderedDict", "defaultdict", "Counter"):
        first = args.first()
        if first.kind is Kind.CONTAINER:
            return (
                v.changed(first, name="dict")
                if first.name == "dict"
                else Value(Kind.CONTAINER, name="list", element=first.element, items=first.items)
            )
        return Value(Kind.CONTAINER, name="dict")
    if name == "accumulate":
        return Value(Kind.CONTAINER, name="generator", element=iterate(args.first()))
    return v.UNKNOWN


def builtin_call(
    frame: Frame, name: str, args: Arguments, node: ast.Call | None, bound: BoundMethod | None = None
) -> Value:
    """What a builtin function, type or method of a builtin type returns."""
    from breakcheck.semantic.builtin_calls import BUILTINS, container_method

    if bound is not None:
        return container_method(frame, name, args, bound)
    handler = BUILTINS.get(name)
    return handler(frame, args, node) if handler is not None else v.UNKNOWN


def isinstance_value(frame: Frame, args: Arguments, node: ast.Call | None) -> Value:
    """`isinstance(value, classes)`."""
    if node is None or len(node.args) != 2 or not args.positional:
        return v.PY_BOOL
    known = isinstance_truth(frame, args.positional[0], class_names(frame, node.args[1]))
    return v.PY_BOOL if known is None else v.constant(known)


def object_class(value: Value) -> ClassInfo | None:
    """The project class of an object."""
    return value.target if isinstance(value.target, ClassInfo) else None

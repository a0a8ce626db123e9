"""A module with parameters is made in compiled code.

## What it does
Finds `nn.Linear(...)`, `nn.Conv2d(...)`, `nn.LayerNorm(...)` and other modules with parameters that are
made in reached code. Modules without parameters (`nn.ReLU()`, `nn.Softmax()`, `nn.LayerNorm(...,
elementwise_affine=False)`, losses) are captured. Of a module of one's own that is made there, the first such line
of its `__init__` is named.

## Why is this bad
The module makes its parameters while it is traced, which a graph can't: it ends there. The parameters are
also new, and random, at every call.

## What to do
Make the module in `__init__`.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks, walk

RULE = Rule(
    code="BC413",
    name="module-in-forward",
    summary="a module with parameters is made in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0264", "GB0014"),
    calls=("torch.nn.*",),
    matrix=("st_module_created_in_forward",),
)

PARAMETRISED = frozenset(
    (
        *("Bilinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"),
        *("Embedding", "EmbeddingBag", "GRU", "GRUCell", "LSTM", "LSTMCell", "Linear", "MultiheadAttention"),
        *("PReLU", "RNN", "RNNCell", "Transformer", "TransformerDecoderLayer", "TransformerEncoderLayer"),
    )
)
# The keyword that leaves the parameters out, and whether they are there without it.
OPTIONAL = {
    "LayerNorm": ("elementwise_affine", True),
    "RMSNorm": ("elementwise_affine", True),
    "GroupNorm": ("affine", True),
    "BatchNorm1d": ("affine", True),
    "BatchNorm2d": ("affine", True),
    "BatchNorm3d": ("affine", True),
    "InstanceNorm1d": ("affine", False),
    "InstanceNorm2d": ("affine", False),
    "InstanceNorm3d": ("affine", False),
}


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if not _makes_parameters(node, facts) or _after_another(node, facts):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` makes parameters at every call, which a graph can't",
        facts,
        because=(callee,),
        suggestion="make the module in `__init__`",
    )


def _makes_parameters(node: ast.Call, facts: Facts) -> bool:
    name = facts.callee(node).name.removeprefix("torch.nn.")
    return name in PARAMETRISED or _has_parameters(node, name, facts)


def _after_another(node: ast.Call, facts: Facts) -> bool:
    """Whether the constructor that the call stands in has made parameters before: it is given up there, as a whole."""
    function = facts.function(node)
    if not isinstance(function, ast.FunctionDef) or function.name != "__init__":
        return False
    assigned = [part for part in function.body if isinstance(part, (ast.Assign, ast.AnnAssign))]
    always = [part for statement in assigned for part in walk(statement)]
    here = node.lineno, node.col_offset
    return any(
        isinstance(part, ast.Call)
        and (part.lineno, part.col_offset) < here
        and _makes_parameters(part, facts)
        for part in always
    )


def _has_parameters(node: ast.Call, name: str, facts: Facts) -> bool:
    if name not in OPTIONAL:
        return False
    keyword, default = OPTIONAL[name]
    given = facts.argument(node, -1, keyword)
    if given is None:
        return default
    return isinstance(given, ast.Constant) and given.value is True

"""A module with parameters is made in compiled code.

## What it does
Finds `nn.Linear(...)`, `nn.Conv2d(...)`, `nn.LayerNorm(...)` and other modules with parameters that are
made in reached code. Modules without parameters (`nn.ReLU()`, `nn.Softmax()`, `nn.LayerNorm(...,
elementwise_affine=False)`, losses) are captured.

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

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

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
    name = callee.name.removeprefix("torch.nn.")
    if name not in PARAMETRISED and not _has_parameters(node, name, facts):
        return
    yield breaks(
        node,
        f"`{facts.source(node)}` makes parameters at every call, which a graph can't",
        facts,
        because=(callee,),
        suggestion="make the module in `__init__`",
    )


def _has_parameters(node: ast.Call, name: str, facts: Facts) -> bool:
    if name not in OPTIONAL:
        return False
    keyword, default = OPTIONAL[name]
    given = facts.argument(node, -1, keyword)
    if given is None:
        return default
    return isinstance(given, ast.Constant) and given.value is True

"""An attention's two masks are of different types.

## What it does
Finds calls of `nn.MultiheadAttention`, of `nn.Transformer` and of its encoder, decoder and layers, and of
`F.multi_head_attention_forward`, that are given a boolean padding mask with a floating-point attention mask, or the
other way round.

## Why is this bad
torch warns that such a pair is deprecated (`_canonical_mask` in torch/nn/functional.py), and Dynamo does not trace
`warnings.warn`: the graph ends there at every call, also where the warning is shown once.

## What to do
Make both of one type: a boolean attention mask (`True` where not to look), or a padding mask of zeros and `-inf`.

## Fix safety
No fix is offered: either mask can be changed.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, breaks

# Pairs of masks that a call combines: position and name of each.
_ATTENTION = (((3, "key_padding_mask"), (5, "attn_mask")),)
_FUNCTION = (((14, "key_padding_mask"), (16, "attn_mask")),)
_ENCODER_LAYER = (((2, "src_key_padding_mask"), (1, "src_mask")),)
_ENCODER = (((2, "src_key_padding_mask"), (1, "mask")),)
_DECODER = (
    ((4, "tgt_key_padding_mask"), (2, "tgt_mask")),
    ((5, "memory_key_padding_mask"), (3, "memory_mask")),
)
_BOTH = (
    ((5, "src_key_padding_mask"), (2, "src_mask")),
    ((6, "tgt_key_padding_mask"), (3, "tgt_mask")),
    ((7, "memory_key_padding_mask"), (4, "memory_mask")),
)
_PAIRS = {
    "torch.nn.functional.multi_head_attention_forward": _FUNCTION,
    "torch.nn.MultiheadAttention.__call__": _ATTENTION,
    "torch.nn.TransformerEncoderLayer.__call__": _ENCODER_LAYER,
    "torch.nn.TransformerEncoder.__call__": _ENCODER,
    "torch.nn.TransformerDecoderLayer.__call__": _DECODER,
    "torch.nn.TransformerDecoder.__call__": _DECODER,
    "torch.nn.Transformer.__call__": _BOTH,
}

RULE = Rule(
    code="BC463",
    name="mixed-attention-masks",
    summary="an attention's padding mask and attention mask are of different types",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0007",),
    calls=tuple(_PAIRS),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    for pair in _PAIRS[callee.name]:
        given = [facts.argument(node, position, name) for position, name in pair]
        values = [facts.value(mask) for mask in given if mask is not None]
        if sorted(_type(value) for value in values) != ["bool", "float"]:
            continue
        kinds = {"bool": "boolean", "float": "floating-point"}
        padding, mask = (kinds[_type(value)] for value in values)
        yield breaks(
            node,
            f"`{facts.source(node.func)}` warns of a {padding} padding mask with a {mask} attention mask",
            facts,
            because=(callee, *values),
            suggestion="make both masks boolean, or both floating-point",
        )
        return


def _type(value: Value) -> str:
    return value.dtype if value.kind is Kind.TENSOR else ""

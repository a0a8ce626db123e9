"""A transformer module compares its mask with a causal one.

## What it does
Finds calls of an `nn.TransformerEncoder`, `nn.TransformerDecoder` or `nn.Transformer` that give a mask and don't say
whether it is causal.

## Why is this bad
Left to find out, the module builds a causal mask, compares all elements and reads the answer back to Python
(`_detect_is_causal_mask` in torch/nn/modules/transformer.py): the graph ends there at every call. A mask of other
sizes, as one for each head, is not compared.

## What to do
Say it: `is_causal=True` of an encoder, `tgt_is_causal=True` of a decoder (`False` where the mask is another). The mask
is still given.

## Fix safety
No fix is offered: whether a mask is causal is known to who made it.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, assumption, breaks, rank_of

# The mask of a call and what says that it is causal: position and name of each.
_ENCODER = ((1, "mask", 3, "is_causal"),)
_DECODER = ((2, "tgt_mask", 6, "tgt_is_causal"),)
_BOTH = ((2, "src_mask", 8, "src_is_causal"), (3, "tgt_mask", 9, "tgt_is_causal"))
_MASKS = {
    "torch.nn.TransformerEncoder.__call__": _ENCODER,
    "torch.nn.TransformerDecoder.__call__": _DECODER,
    "torch.nn.Transformer.__call__": _BOTH,
}

RULE = Rule(
    code="BC120",
    name="causal-mask-detection",
    summary="a transformer module finds out whether its mask is causal",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.9",
    gb_ids=("GB0059", "GB0124"),
    calls=tuple(_MASKS),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    callee = facts.callee(node)
    if any(isinstance(each, ast.Starred) for each in node.args) or any(
        each.arg is None for each in node.keywords
    ):
        return  # what is handed on may say it
    for position, name, told_position, told_name in _MASKS[callee.name]:
        mask = facts.argument(node, position, name)
        told = facts.argument(node, told_position, told_name)
        if mask is None or (told is not None and facts.value(told).kind is not Kind.NONE):
            continue
        value, rank = facts.value(mask), rank_of(mask, facts)
        if value.kind is not Kind.TENSOR or rank not in (None, 2):
            continue
        square = () if rank == 2 else (assumption("taken for a square mask", mask, facts),)
        yield breaks(
            node,
            f"`{facts.source(node.func)}` compares `{facts.source(mask)}` with a causal mask, and reads the answer",
            facts,
            because=(callee, value, *square),
            suggestion=f"say `{told_name}=True`, or `False` where it is another mask",
        )
        return

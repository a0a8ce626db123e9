"""What the parameters are called in each family of checkpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from breakcheck_models.llama.config import LlamaConfig

_LAYER = {
    "huggingface": {
        "input_layernorm": "input_norm",
        "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attention.q_proj",
        "self_attn.k_proj": "attention.k_proj",
        "self_attn.v_proj": "attention.v_proj",
        "self_attn.o_proj": "attention.o_proj",
        "mlp.gate_proj": "ffn.gate_proj",
        "mlp.up_proj": "ffn.up_proj",
        "mlp.down_proj": "ffn.down_proj",
    },
    "original": {
        "attention_norm": "input_norm",
        "ffn_norm": "ffn_norm",
        "attention.wq": "attention.q_proj",
        "attention.wk": "attention.k_proj",
        "attention.wv": "attention.v_proj",
        "attention.wo": "attention.o_proj",
        "feed_forward.w1": "ffn.gate_proj",
        "feed_forward.w3": "ffn.up_proj",
        "feed_forward.w2": "ffn.down_proj",
    },
    "gguf": {
        "attn_norm": "input_norm",
        "ffn_norm": "ffn_norm",
        "attn_q": "attention.q_proj",
        "attn_k": "attention.k_proj",
        "attn_v": "attention.v_proj",
        "attn_output": "attention.o_proj",
        "ffn_gate": "ffn.gate_proj",
        "ffn_up": "ffn.up_proj",
        "ffn_down": "ffn.down_proj",
    },
}
_TOP = {
    "huggingface": {"model.embed_tokens": "embed", "model.norm": "norm", "lm_head": "lm_head"},
    "original": {"tok_embeddings": "embed", "norm": "norm", "output": "lm_head"},
    "gguf": {"token_embd": "embed", "output_norm": "norm", "output": "lm_head"},
}
_PREFIX = {"huggingface": r"model\.layers", "original": "layers", "gguf": "blk"}
# Tables that some checkpoints carry and that the model computes itself.
_COMPUTED = re.compile(r"(^|\.)(rotary_emb\.inv_freq|rope\.freqs|rope_freqs\.weight)$")


def our_name(name: str, family: str) -> str | None:
    """Our name of a checkpoint's tensor; None for a table that is computed; raises `ValueError` when unknown.

    family: "huggingface", "original" (Meta's consolidated files) or "gguf".
    """
    if _COMPUTED.search(name):
        return None
    stem, _, leaf = name.rpartition(".")
    if leaf == "weight":
        if stem in _TOP[family]:
            return f"{_TOP[family][stem]}.weight"
        match = re.fullmatch(rf"{_PREFIX[family]}\.(\d+)\.(.+)", stem)
        if match and match[2] in _LAYER[family]:
            return f"layers.{match[1]}.{_LAYER[family][match[2]]}.weight"
    raise ValueError(f"{name!r} is no tensor of a {family} Llama checkpoint")


def from_huggingface(state: Mapping[str, Tensor], config: LlamaConfig) -> dict[str, Tensor]:
    """A Hugging Face state dict under our names; the head order is the same."""
    renamed = {our_name(name, "huggingface"): tensor for name, tensor in state.items()}
    if config.tie_embeddings:
        renamed.setdefault("lm_head.weight", renamed["embed.weight"])
    return {name: tensor for name, tensor in renamed.items() if name is not None}

"""Sharding as tables applied from outside: a name to the mesh axis of each dim, for XLA's partitioner.

A mesh has the axes `data` and `model`. Weights are [out, in]. Tables are plain data (`breakcheck.Case.sharding`); the
XLA adapters read them, and fail on a parameter or buffer that no row matches and on a row that matches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from breakcheck_models.llama.config import LlamaConfig
from breakcheck_models.llama.sharding import kv_replicas

Spec = tuple[str | None, ...]
Sharding = dict[str, Spec]

_ATTENTION = r"layers\.\d+\.attention"
_FFN = r"layers\.\d+\.ffn"

# The 2D table of the PyTorch/XLA training work: the hidden dim of every weight on `data`, the other on `model`,
# except q, k, v and o, which do the opposite.
TRAINING: Sharding = {
    r"embed\.weight": ("model", "data"),
    rf"{_ATTENTION}\.(q|k|v)_proj\.weight": ("data", "model"),
    rf"{_ATTENTION}\.o_proj\.weight": ("model", "data"),
    rf"{_FFN}\.(gate|up)_proj\.weight": ("model", "data"),
    rf"{_FFN}\.down_proj\.weight": ("data", "model"),
    r"lm_head\.weight": ("model", "data"),
    r"(layers\.\d+\.(input|ffn)_norm|norm)\.weight": (),
    r"rope\.table": (),
}
TRAINING_ACTIVATIONS: Sharding = {
    r"input:args\.0": ("data", None),
    r"output:embed": ("data", None, "model"),
    rf"output:{_ATTENTION}\.(q|k|v|o)_proj": ("data", None, "model"),
    rf"output:{_FFN}": ("data", None, "model"),
    r"output:lm_head": ("data", None, "model"),
}

# Decoding: heads and feed-forward columns on `model`, so that a layer needs two sums over it; where there is a
# `data` axis it holds the other dim of each weight, since one token leaves it no batch to split.
DECODING: Sharding = {
    r"embed\.weight": ("model", "data"),
    rf"{_ATTENTION}\.(q|k|v)_proj\.weight": ("model", "data"),
    rf"{_ATTENTION}\.o_proj\.weight": ("data", "model"),
    rf"{_ATTENTION}\.cache\.(keys|values)_NKE": (None, "model", None),
    rf"{_FFN}\.(gate|up)_proj\.weight": ("model", "data"),
    rf"{_FFN}\.down_proj\.weight": ("data", "model"),
    r"lm_head\.weight": ("model", "data"),
    r"(layers\.\d+\.(input|ffn)_norm|norm)\.weight": (),
    r"rope\.table": (),
}

# FSDPv2: one axis, every weight split along its first dim, the batch along it too. This is SPMD in one dimension,
# not torch's FullyShardedDataParallel.
FSDP: Sharding = {
    r"(embed|lm_head)\.weight": ("data",),
    rf"{_ATTENTION}\.(q|k|v|o)_proj\.weight": ("data",),
    rf"{_FFN}\.(gate|up|down)_proj\.weight": ("data",),
    r"(layers\.\d+\.(input|ffn)_norm|norm)\.weight": (),
    r"rope\.table": (),
}
FSDP_ACTIVATIONS: Sharding = {
    r"input:args\.0": ("data", None),
    r"output:embed": ("data",),
    r"output:layers\.\d+": ("data",),
    r"output:lm_head": ("data",),
}


def with_int8(table: Mapping[str, Spec]) -> Sharding:
    """`table` with a row for the scales of every quantised projection: per output channel, split as the outputs are."""
    rows = dict(table)
    for pattern, spec in table.items():
        if "_proj" in pattern or "lm_head" in pattern:
            rows[pattern.replace(r"\.weight", r"\.scale_N")] = spec[:1]
    return rows


def with_adafactor(table: Mapping[str, Spec]) -> Sharding:
    """`table` with rows for Adafactor's state: a matrix's row and column factors, split as its two dims are."""
    rows = dict(table)
    for pattern, spec in table.items():
        if not pattern.endswith("weight"):
            continue
        rows[rf"optimizer\.{pattern}\.step"] = ()
        if "norm" in pattern:
            rows[rf"optimizer\.{pattern}\.variance"] = ()
        else:
            rows[rf"optimizer\.{pattern}\.row"] = spec[:1]
            rows[rf"optimizer\.{pattern}\.column"] = spec[1:2]
    return rows


def check_mesh(config: LlamaConfig, mesh: Mapping[str, int]) -> int:
    """How often each KV head must be duplicated for this mesh; raises `ValueError` when it does not fit the heads."""
    return kv_replicas(config, mesh.get("model", 1))

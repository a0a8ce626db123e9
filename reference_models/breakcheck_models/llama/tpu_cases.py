"""The Llama programs that are compiled for TPUs: decoding steps with bucketed prompts, and training steps.

Each is a `breakcheck.Case` on the meta device: shapes only, however large the model.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.utils import checkpoint

from breakcheck import Case
from breakcheck.case import Call
from breakcheck_models.llama import spmd
from breakcheck_models.llama.adafactor import Adafactor
from breakcheck_models.llama.config import LlamaConfig, preset
from breakcheck_models.llama.model import Llama

BUCKETS = (128, 256, 512, 1024, 2048)


def bucket(length: int) -> int:
    """The smallest bucket that holds a prompt of `length` tokens; raises `ValueError` beyond the largest."""
    for size in BUCKETS:
        if length <= size:
            return size
    raise ValueError(f"a prompt of {length} tokens is longer than the largest bucket, {BUCKETS[-1]}")


def decoding_case(
    config: LlamaConfig,
    batch_size: int = 1,
    num_slots: int = 2048,
    dtype: torch.dtype = torch.bfloat16,
    mesh: Mapping[str, int] | None = None,
    int8: bool = False,
    component: str = "",
) -> Case:
    """A request of every length class, then decode steps: one program a bucket and one for decoding.

    With a mesh whose `model` axis exceeds the KV heads, K and V are resharded: each head duplicated, which leaves the
    function of the model as it was (`sharding.duplicate_heads`).
    """
    replicas = spmd.check_mesh(config, mesh or {})
    config = dataclasses.replace(config, num_kv_heads=config.num_kv_heads * replicas)
    table = spmd.DECODING
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device("meta"):
            model = Llama(config).eval().requires_grad_(False)
            if int8:
                from breakcheck_models.llama.quantize import quantize

                quantize(model)
                table = spmd.with_int8(table)
            model.allocate_cache(batch_size, num_slots)
            if component:
                from breakcheck_models.llama.hostile.swap import swap

                swap(model, component)
            lengths = [length for length in (1, 100, 128, 129, 400, 900, 2000) if length <= num_slots]
            prompts = [_tokens(batch_size, min(bucket(length), num_slots)) for length in lengths]
            steps = [_tokens(batch_size, 1) for _ in range(3)]
    finally:
        torch.set_default_dtype(before)
    calls = [*prompts, steps[0], *prompts, *steps[1:]]
    # Two sums a layer over `model` and one for the embedding; with `data` every projection sums over it too. With
    # more rows the partitioner rather gathers the weights, and how it mixes the two is its own affair.
    num_layers = config.num_layers
    expect = (
        {
            "collectives": {
                "model": {"all-reduce": 2 * num_layers + 1},
                "data,model": {"all-reduce": 6 * num_layers + 3},
            }
        }
        if batch_size == 1 and not int8
        else {}
    )
    return Case(model, calls=calls, warmup=len(prompts) + 1, sharding=table, expect=expect)


def _tokens(batch_size: int, length: int) -> Call:
    tokens_BL = torch.zeros(batch_size, length, dtype=torch.int64)
    return Call((tokens_BL, torch.zeros_like(tokens_BL)))


def case(name: str, dtype: str, mesh: Mapping[str, int]) -> Case:
    """The decoding case of a bundled name (`llama2-7b`, `llama2-7b@growing-cache`), its KV heads resharded for `mesh`."""
    preset_name, _, component = name.partition("@")
    config = preset(preset_name)
    made = decoding_case(
        config,
        num_slots=min(2048, config.max_seq_len),
        dtype=getattr(torch, dtype),
        mesh=mesh,
        component=component,
    )
    return dataclasses.replace(made, name=name)


class TrainedLlama(Llama):
    """A Llama whose forward is the mean cross entropy of the next token: what a training step differentiates."""

    def forward(self, tokens_BL: Tensor, positions_BL: Tensor | None = None) -> Tensor:
        """The loss, a float32 scalar."""
        logits_BLV = super().forward(tokens_BL, positions_BL)
        # The last token has no successor: masked, since a slice of L - 1 tokens would not divide over chips.
        targets_BL = tokens_BL.roll(-1, dims=1)
        chosen_BL = logits_BLV.float().log_softmax(-1).gather(-1, targets_BL.unsqueeze(-1)).squeeze(-1)
        keep_L = torch.arange(tokens_BL.shape[1], device=tokens_BL.device) < tokens_BL.shape[1] - 1
        return -(chosen_BL * keep_L).sum() / (tokens_BL.shape[0] * (tokens_BL.shape[1] - 1))


def recompute(model: Llama) -> None:
    """Let every layer keep only its input for the backward pass, in place."""
    for layer in model.layers:
        layer.forward = functools.partial(checkpoint.checkpoint, layer.forward, use_reentrant=False)


def training_case(
    config: LlamaConfig, batch_size: int, length: int, table: str = "2d", dtype: torch.dtype = torch.bfloat16
) -> Case:
    """One training step (loss, gradients, Adafactor) with every layer recomputed; `table` is "2d" or "fsdp"."""
    weights, activations = {
        "2d": (spmd.TRAINING, spmd.TRAINING_ACTIVATIONS),
        "fsdp": (spmd.FSDP, spmd.FSDP_ACTIVATIONS),
    }[table]
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device("meta"):
            model = TrainedLlama(config)
            recompute(model)
            tokens_BL = torch.zeros(batch_size, length, dtype=torch.int64)
    finally:
        torch.set_default_dtype(before)
    return Case(
        model, calls=[(tokens_BL,)], train=True, functional_optimizer=Adafactor(),
        sharding={**spmd.with_adafactor(weights), **activations},
    )  # fmt: skip

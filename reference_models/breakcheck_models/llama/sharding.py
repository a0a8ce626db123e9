"""Which dim of which weight is split over the ranks, and the splitting: no process group needed.

With more ranks than KV heads, the K and V projections are first duplicated, head by head, which leaves the function
of the model as it was (each query head keeps a KV head of equal numbers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from breakcheck_models.llama.config import LlamaConfig
from breakcheck_models.llama.model import Llama

# Parameter name (its last components) to the dim that is split; what is not named is replicated.
SPLIT_DIM = {
    "embed.weight": 1,
    "q_proj.weight": 0,
    "k_proj.weight": 0,
    "v_proj.weight": 0,
    "o_proj.weight": 1,
    "gate_proj.weight": 0,
    "up_proj.weight": 0,
    "down_proj.weight": 1,
    "lm_head.weight": 0,
}


def split_dim(name: str) -> int | None:
    """The dim of this parameter that is split over ranks, None when it is replicated."""
    return SPLIT_DIM.get(".".join(name.split(".")[-2:]))


def kv_replicas(config: LlamaConfig, num_ranks: int) -> int:
    """On how many ranks each KV head lives; raises `ValueError` when the ranks don't fit the shape."""
    if config.num_heads % num_ranks or config.ffn_size % num_ranks or config.vocab_size % num_ranks:
        raise ValueError(
            f"{num_ranks} ranks must divide {config.num_heads} heads, the feed-forward size {config.ffn_size} "
            f"and the vocabulary {config.vocab_size}"
        )
    if config.num_kv_heads % num_ranks and num_ranks % config.num_kv_heads:
        raise ValueError(
            f"{num_ranks} ranks neither divide nor are a multiple of {config.num_kv_heads} KV heads"
        )
    return max(1, num_ranks // config.num_kv_heads)


def duplicate_heads(weight_xD: Tensor, head_dim: int, times: int) -> Tensor:
    """A K or V projection with each head `times` in a row."""
    return weight_xD.unflatten(0, (-1, head_dim)).repeat_interleave(times, dim=0).flatten(0, 1)


def reshard(state: Mapping[str, Tensor], config: LlamaConfig, num_ranks: int) -> Iterator[dict[str, Tensor]]:
    """The checkpoint of each rank in turn, under our names: one rank's weights in memory at a time."""
    replicas = kv_replicas(config, num_ranks)
    for rank in range(num_ranks):
        yield {name: local(name, tensor, config, num_ranks, rank, replicas) for name, tensor in state.items()}


def local(name: str, full: Tensor, config: LlamaConfig, num_ranks: int, rank: int, replicas: int) -> Tensor:
    """This rank's part of the parameter called `name`, a tensor of its own."""
    dim = split_dim(name)
    if dim is None:
        return full
    if name.endswith(("k_proj.weight", "v_proj.weight")) and replicas > 1:
        # Rank r holds KV head r // replicas, without ever duplicating the whole weight.
        start = rank // replicas * config.head_dim
        return full.narrow(0, start, config.head_dim).clone()
    width = full.shape[dim] // num_ranks
    return full.narrow(dim, rank * width, width).clone(memory_format=torch.contiguous_format)


@torch.no_grad()
def shard(model: Llama, num_ranks: int, rank: int) -> int:
    """Cut every parameter of `model` to this rank's part, in place; return how often each KV head is replicated.

    Works on the meta device, so that a model larger than one device is cut before it has storage.
    """
    replicas = kv_replicas(model.config, num_ranks)
    for name, parameter in list(model.named_parameters(remove_duplicate=False)):
        part = local(name, parameter.detach(), model.config, num_ranks, rank, replicas)
        owner = model.get_submodule(name.rpartition(".")[0])
        owner.register_parameter("weight", nn.Parameter(part, requires_grad=parameter.requires_grad))
    return replicas

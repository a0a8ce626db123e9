"""Tensor parallelism, applied to a Llama from outside.

Shape suffixes: B batch, L new tokens, D hidden size, V vocabulary.

Every rank holds some heads of each attention, some columns of each feed-forward, some hidden columns of the embedding
and some rows of the head: two all-reduces a layer, one all-gather after the embedding, one after the head. The
collectives are functional ones, which stay in the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
import torch.distributed._functional_collectives as funcol
from torch import Tensor, nn

from breakcheck_models.llama.attention import Attention
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.sharding import shard


@dataclass(frozen=True)
class Ranks:
    """The process group that shares a model; a deep copy of the model keeps to the same group.

    one_op: the fused model sums a product inside its op (`gemv.norm_linear_sum`; on GPUs through symmetric memory,
        so ask `symmetric.why_not_shared` before), not by a collective of its own.
    """

    group: dist.ProcessGroup
    one_op: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Ranks:
        return self


class EnterRanks(torch.autograd.Function):
    """The same tensor on every rank; its gradient is the sum of the ranks'."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: dist.ProcessGroup) -> Tensor:
        ctx.group = group
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> tuple[Tensor, None]:
        return funcol.wait_tensor(funcol.all_reduce(grad[0].contiguous(), "sum", ctx.group)), None


class SumRanks(torch.autograd.Function):
    """The sum over the ranks; its gradient is the same for every rank."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: dist.ProcessGroup) -> Tensor:
        return funcol.wait_tensor(funcol.all_reduce(x.contiguous(), "sum", group))

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> tuple[Tensor, None]:
        return grad[0], None


class JoinRanks(torch.autograd.Function):
    """The ranks' tensors side by side in the last dim; the gradient goes back in slices."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: dist.ProcessGroup) -> Tensor:
        ctx.rank, ctx.width = dist.get_rank(group), x.shape[-1]
        # Gathered in a new first dim and moved: in torch 2.11 any other gather_dim breaks the graph.
        joined = funcol.wait_tensor(funcol.all_gather_tensor(x.unsqueeze(0).contiguous(), 0, group))
        return joined.movedim(0, -2).flatten(-2)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> tuple[Tensor, None]:
        return grad[0].narrow(-1, ctx.rank * ctx.width, ctx.width), None


class SummedPart(nn.Module):
    """An attention or a feed-forward of which this rank computes a summand."""

    def __init__(self, inner: nn.Module, ranks: Ranks) -> None:
        super().__init__()
        self.inner = inner
        self.ranks = ranks

    def forward(self, x_BLD: Tensor, *rest: Tensor | None) -> Tensor:
        partial_BLD = self.inner(x_BLD, *rest)
        work = dist.all_reduce(partial_BLD, group=self.ranks.group, async_op=True)  # expect: BC501
        work.wait()
        return partial_BLD


class JoinedPart(nn.Module):
    """An embedding or a head of which this rank computes some of the last dim."""

    def __init__(self, inner: nn.Module, ranks: Ranks) -> None:
        super().__init__()
        self.inner = inner
        self.ranks = ranks

    def forward(self, x: Tensor) -> Tensor:
        part = self.inner(x).contiguous()
        parts = [torch.empty_like(part) for _ in range(dist.get_world_size(self.ranks.group))]
        work = dist.all_gather(parts, part, group=self.ranks.group, async_op=True)  # expect: BC501
        work.wait()
        return torch.cat(parts, dim=-1)


def parallelize(model: Llama, group: dist.ProcessGroup) -> Llama:
    """`model` itself, holding this rank's part; any number of ranks that divides the heads.

    Beyond the KV heads every KV head lives on several ranks, whose gradients of it are summed. Allocate the cache
    afterwards. Raises `ValueError` when the ranks don't divide the heads, the KV heads or the feed-forward.
    """
    num_ranks, rank = dist.get_world_size(group), dist.get_rank(group)
    replicas = shard(model, num_ranks, rank)
    if replicas > 1:
        first = rank - rank % replicas
        # new_subgroups would name them by the default group's ranks; every rank must make all of them, in order.
        copies = [
            dist.new_group([dist.get_global_rank(group, r) for r in range(start, start + replicas)])
            for start in range(0, num_ranks, replicas)
        ][first // replicas]
        for attention in [module for module in model.modules() if isinstance(module, Attention)]:
            for projection in (attention.k_proj, attention.v_proj):
                if projection.weight.requires_grad:
                    projection.weight.register_hook(
                        lambda grad, copies=copies: funcol.wait_tensor(funcol.all_reduce(grad, "sum", copies))
                    )
    return wrap(model, Ranks(group))


def wrap(model: Llama, ranks: Ranks) -> Llama:
    """`model` itself, sharded already, with the collectives put around its parts."""
    for layer in model.layers:
        for name in ("attention", "ffn"):
            layer.register_module(name, SummedPart(layer.get_submodule(name), ranks))
    model.register_module("embed", JoinedPart(model.embed, ranks))
    model.register_module("lm_head", JoinedPart(model.lm_head, ranks))
    return model

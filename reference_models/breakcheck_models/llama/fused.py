"""A Llama made fast at decoding, from outside: five kernels a layer for one token, the clean code for anything else.

Shape suffixes: B batch, L new tokens, D hidden size, K inputs, N outputs.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from breakcheck_models.llama.attention import Attention, attend
from breakcheck_models.llama.gemv import decode_attention, norm_linear, norm_linear_sum
from breakcheck_models.llama.model import Block, FeedForward, Llama
from breakcheck_models.llama.norm import RMSNorm
from breakcheck_models.llama.quantize import GroupedInt8Linear, Int8Linear, restore
from breakcheck_models.llama.tensor_parallel import JoinedPart, Ranks, SumRanks

# Up to so many rows a product only reads its weight; beyond, the matrix units are faster.
MAX_ROWS = 1


class FusedLinear(nn.Module):
    """Some projections of one input as a single weight, bf16 or INT8, with the norm before and the sum after."""

    weight: Tensor
    scale: Tensor | None

    def __init__(self, parts: list[nn.Module]) -> None:
        super().__init__()
        weights = [part.weight.detach() for part in parts if isinstance(part.weight, Tensor)]
        self.register_buffer("weight", weights[0] if len(weights) == 1 else torch.cat(weights))
        scales = [part.scale_N for part in parts if isinstance(part, Int8Linear)]
        scales += [part.scale_NG for part in parts if isinstance(part, GroupedInt8Linear)]
        self.register_buffer("scale", torch.cat(scales) if scales else None)

    def one(
        self, x_BK: Tensor, norm: RMSNorm | None, residual_BN: Tensor | None, gated: bool = False
    ) -> Tensor:
        weight, eps = (None, 0.0) if norm is None else (norm.weight, norm.eps)
        return norm_linear(x_BK, weight, self.weight, self.scale, residual_BN, eps, gated)

    def summed(self, x_BK: Tensor, residual_BN: Tensor | None, ranks: Ranks | None) -> Tensor:
        """The product, summed over the ranks that hold the rest of the inputs."""
        if ranks is None:
            return self.one(x_BK, None, residual_BN)
        if ranks.one_op:
            group_name = ranks.group.group_name
            return norm_linear_sum(x_BK, None, self.weight, self.scale, residual_BN, 0.0, group_name)
        return SumRanks.apply(self.one(x_BK, None, residual_BN), ranks.group)

    def forward(self, x: Tensor) -> Tensor:
        if self.scale is None:
            return F.linear(x, self.weight)
        if self.scale.dim() == 2:
            return F.linear(x, restore(self.weight, self.scale, x.dtype))
        return (F.linear(x, self.weight.to(x.dtype)) * self.scale).to(x.dtype)


class FusedAttention(nn.Module):
    """The attention of one layer with its norm before it and its residual after it."""

    def __init__(self, norm: RMSNorm, clean: Attention) -> None:
        super().__init__()
        self.head_dim = clean.head_dim
        self.norm = norm
        self.rope = clean.rope
        self.cache = clean.cache
        self.num_heads = clean.q_proj.weight.shape[0] // clean.head_dim
        self.num_kv_heads = clean.k_proj.weight.shape[0] // clean.head_dim
        self.qkv = FusedLinear([clean.q_proj, clean.k_proj, clean.v_proj])
        self.o = FusedLinear([clean.o_proj])

    def one(
        self, x_BD: Tensor, positions_B1: Tensor, residual_BD: Tensor | None, ranks: Ranks | None
    ) -> Tensor:
        cache = self.cache
        assert cache is not None
        qkv = self.qkv.one(x_BD, self.norm, None)
        heads = decode_attention(
            qkv,
            self.rope.table,
            positions_B1,
            cache.keys_NKE,
            cache.values_NKE,
            cache.num_slots,
            self.num_heads,
        )
        return self.o.summed(heads, residual_BD, ranks)

    def forward(
        self, x_BLD: Tensor, positions_BL: Tensor, rotations: Tensor, mask_B1LS: Tensor | None
    ) -> Tensor:
        qkv = self.qkv(self.norm(x_BLD)).unflatten(-1, (-1, self.head_dim))
        q, k, v = qkv.split((self.num_heads, self.num_kv_heads, self.num_kv_heads), dim=2)
        q, k = self.rope(q, rotations), self.rope(k, rotations)
        if self.cache is not None:
            k, v = self.cache(k, v, positions_BL)
        out = attend(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), mask_B1LS)
        return self.o(out.transpose(1, 2).flatten(-2))


class FusedFeedForward(nn.Module):
    """The feed-forward of one layer with its norm before it and its residual after it."""

    def __init__(self, norm: RMSNorm, clean: FeedForward) -> None:
        super().__init__()
        self.norm = norm
        self.gate_up = FusedLinear([clean.gate_proj, clean.up_proj])
        self.down = FusedLinear([clean.down_proj])

    def one(self, x_BD: Tensor, residual_BD: Tensor | None, ranks: Ranks | None) -> Tensor:
        return self.down.summed(self.gate_up.one(x_BD, self.norm, None, gated=True), residual_BD, ranks)

    def forward(self, x_BLD: Tensor) -> Tensor:
        gate, up = self.gate_up(self.norm(x_BLD)).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up)


class FusedBlock(nn.Module):
    """One layer; a single token goes through the ops of `gemv.py`.

    ranks: who shares the layer. Each rank then computes a summand, the residual being part of rank 0's.
    """

    def __init__(self, clean: Block) -> None:
        super().__init__()
        self.attention = FusedAttention(clean.input_norm, clean.attention)
        self.ffn = FusedFeedForward(clean.ffn_norm, clean.ffn)
        self.ranks: Ranks | None = None
        self.adds_residual = True

    def sum_ranks(self, x: Tensor) -> Tensor:
        return x if self.ranks is None else SumRanks.apply(x, self.ranks.group)

    def forward(
        self, x_BLD: Tensor, positions_BL: Tensor, rotations: Tensor, mask_B1LS: Tensor | None
    ) -> Tensor:
        if mask_B1LS is not None and x_BLD.shape[1] == 1 and x_BLD.shape[0] <= MAX_ROWS:
            x_BD = x_BLD[:, 0]
            x_BD = self.attention.one(x_BD, positions_BL, x_BD if self.adds_residual else None, self.ranks)
            x_BD = self.ffn.one(x_BD, x_BD if self.adds_residual else None, self.ranks)
            return x_BD.unsqueeze(1)
        x_BLD = x_BLD + self.sum_ranks(self.attention(x_BLD, positions_BL, rotations, mask_B1LS))
        return x_BLD + self.sum_ranks(self.ffn(x_BLD))


class FusedHead(nn.Module):
    """The last norm and the head; the model's own norm becomes the identity."""

    def __init__(self, norm: RMSNorm, head: nn.Module) -> None:
        super().__init__()
        self.norm = norm
        self.head = FusedLinear([head])

    def forward(self, x_BLD: Tensor) -> Tensor:
        if x_BLD.shape[1] == 1 and x_BLD.shape[0] <= MAX_ROWS:
            return self.head.one(x_BLD[:, 0], self.norm, None).unsqueeze(1)
        return self.head(self.norm(x_BLD))


@torch.no_grad()
def fuse(model: Llama) -> Llama:
    """`model` itself with its layers fused, one at a time; its cache must be allocated, its RoPE in half order."""
    if not model.num_slots:
        raise ValueError("the model has no KV cache: call allocate_cache first")
    if model.rope.order != "half":
        raise ValueError(f"the fused attention rotates in half order, the model's is {model.rope.order}")
    for i, layer in enumerate(model.layers):
        assert isinstance(layer, Block), "a layer is fused once"
        model.layers[i] = FusedBlock(layer)
    model.register_module("lm_head", FusedHead(model.norm, model.lm_head))
    model.register_module("norm", nn.Identity())
    return model


def share(model: Llama, ranks: Ranks) -> Llama:
    """`model` itself, sharded (`sharding.shard`) and fused, its layers summed and its ends joined over the ranks."""
    for layer in model.layers:
        assert isinstance(layer, FusedBlock), "fuse the model first"
        layer.ranks = ranks
        layer.adds_residual = ranks.group.rank() == 0
    model.register_module("embed", JoinedPart(model.embed, ranks))
    model.register_module("lm_head", JoinedPart(model.lm_head, ranks))
    return model

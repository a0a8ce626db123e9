"""Triton kernels of `gemv.py`, for rows few enough that the weight's bytes are what costs.

Shape suffixes: N outputs, K inputs, E head size.

Each program owns `BN` rows of the weight and walks along K, the next tile of the weight on its way while the present
one is used. Under programmatic dependent launch (`PDL`, Hopper) a kernel starts while its forerunner drains and has
its first tile of weight in flight before it waits for the forerunner's result.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton.language.extra.cuda import gdc_launch_dependents, gdc_wait


@dataclass(frozen=True)
class Tile:
    """How one product is cut: rows and columns of a tile, warps a program."""

    rows: int
    columns: int
    warps: int


# Candidates tried by `tune`; the first is used untuned.
CANDIDATES = (
    Tile(8, 512, 2), Tile(8, 256, 1), Tile(4, 1024, 4), Tile(8, 1024, 4), Tile(2, 2048, 4), Tile(16, 256, 1), Tile(4, 512, 1),
    Tile(16, 512, 4),
)  # fmt: skip
# (N, K, weight dtype, gated) to the fastest tile; filled by `tune`.
chosen: dict[tuple[int, int, torch.dtype, bool], Tile] = {}
# Programmatic dependent launch: on from compute capability 9.0.
pdl: bool = torch.cuda.is_available() and torch.cuda.get_device_capability() >= (9, 0)


@triton.jit
def _norm_linear(
    x_ptr, norm_ptr, w_ptr, scale_ptr, residual_ptr, y_ptr, num_outputs, K, eps,
    NORM: tl.constexpr, SCALED: tl.constexpr, RESIDUAL: tl.constexpr, GATED: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    rows_N = tl.program_id(0) * BN + tl.arange(0, BN)
    batch = tl.program_id(1)
    inside_N = rows_N < num_outputs
    columns_K = tl.arange(0, BK)
    offsets = rows_N[:, None].to(tl.int64) * K + columns_K[None, :]
    other_half = num_outputs.to(tl.int64) * K
    inside = inside_N[:, None] & (columns_K < K)[None, :]
    w = tl.load(w_ptr + offsets, mask=inside, other=0, eviction_policy="evict_first")
    if GATED:
        up = tl.load(w_ptr + other_half + offsets, mask=inside, other=0, eviction_policy="evict_first")
    if PDL:
        gdc_launch_dependents()
        gdc_wait()
    sum_NK = tl.zeros((BN, BK), tl.float32)
    up_sum_NK = tl.zeros((BN, BK), tl.float32)
    squares_K = tl.zeros((BK,), tl.float32)
    for start in range(0, K, BK):
        here_K = start + columns_K
        x_K = tl.load(x_ptr + batch * K + here_K, mask=here_K < K, other=0).to(tl.float32)
        if NORM:
            squares_K += x_K * x_K
            x_K *= tl.load(norm_ptr + here_K, mask=here_K < K, other=0).to(tl.float32)
        inside = inside_N[:, None] & (here_K + BK < K)[None, :]
        next_w = tl.load(w_ptr + offsets + start + BK, mask=inside, other=0, eviction_policy="evict_first")
        if GATED:
            next_up = tl.load(
                w_ptr + other_half + offsets + start + BK, mask=inside, other=0, eviction_policy="evict_first"
            )
            up_sum_NK += up.to(tl.float32) * x_K[None, :]
            up = next_up
        sum_NK += w.to(tl.float32) * x_K[None, :]
        w = next_w
    y_N = tl.sum(sum_NK, axis=1)
    up_N = tl.sum(up_sum_NK, axis=1)
    if NORM:
        norm = tl.rsqrt(tl.sum(squares_K, axis=0) / K + eps)
        y_N *= norm
        up_N *= norm
    if SCALED:
        y_N *= tl.load(scale_ptr + rows_N, mask=inside_N, other=0)
        if GATED:
            up_N *= tl.load(scale_ptr + num_outputs + rows_N, mask=inside_N, other=0)
    if GATED:
        y_N = y_N * tl.sigmoid(y_N) * up_N
    if RESIDUAL:
        y_N += tl.load(residual_ptr + batch * num_outputs + rows_N, mask=inside_N, other=0).to(tl.float32)
    tl.store(y_ptr + batch * num_outputs + rows_N, y_N.to(y_ptr.dtype.element_ty), mask=inside_N)


@triton.jit
def _decode_attention(
    qkv_ptr, table_ptr, positions_ptr, keys_ptr, values_ptr, out_ptr, num_slots, scale,
    HEADS: tl.constexpr, KV_HEADS: tl.constexpr, E: tl.constexpr, BS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    head, batch = tl.program_id(0), tl.program_id(1)
    kv_head = head // (HEADS // KV_HEADS)
    e = tl.arange(0, E)
    partner = (e + E // 2) % E
    sign = tl.where(e < E // 2, -1.0, 1.0)
    if PDL:
        gdc_launch_dependents()
        gdc_wait()
    position = tl.load(positions_ptr + batch)
    cos = tl.load(table_ptr + position * 2 * E + e).to(tl.float32)
    sin = tl.load(table_ptr + position * 2 * E + E + e).to(tl.float32) * sign
    row = qkv_ptr + batch * (HEADS + 2 * KV_HEADS) * E
    q = tl.load(row + head * E + e).to(tl.float32) * cos + tl.load(row + head * E + partner).to(tl.float32) * sin
    new_k_ptr = row + (HEADS + kv_head) * E
    new_k = tl.load(new_k_ptr + e).to(tl.float32) * cos + tl.load(new_k_ptr + partner).to(tl.float32) * sin
    new_k = new_k.to(keys_ptr.dtype.element_ty)
    new_v = tl.load(row + (HEADS + KV_HEADS + kv_head) * E + e)
    first = (batch * num_slots.to(tl.int64)) * KV_HEADS * E + kv_head * E
    if head % (HEADS // KV_HEADS) == 0:
        tl.store(keys_ptr + first + position * KV_HEADS * E + e, new_k)
        tl.store(values_ptr + first + position * KV_HEADS * E + e, new_v)
    # The new token is taken from registers, so no program waits for another's store.
    best = tl.sum(q * new_k.to(tl.float32), axis=0) * scale
    total = 1.0
    out = new_v.to(tl.float32)
    slots = tl.arange(0, BS)
    for start in range(0, position, BS):
        inside = start + slots < position
        at = first + (start + slots)[:, None] * KV_HEADS * E + e[None, :]
        k = tl.load(keys_ptr + at, mask=inside[:, None], other=0).to(tl.float32)
        v = tl.load(values_ptr + at, mask=inside[:, None], other=0).to(tl.float32)
        score = tl.where(inside, tl.sum(k * q[None, :], axis=1) * scale, float("-inf"))
        higher = tl.maximum(best, tl.max(score, axis=0))
        shrink = tl.exp(best - higher)
        weight = tl.exp(score - higher)
        total = total * shrink + tl.sum(weight, axis=0)
        out = out * shrink + tl.sum(weight[:, None] * v, axis=0)
        best = higher
    tl.store(out_ptr + (batch * HEADS + head) * E + e, (out / total).to(out_ptr.dtype.element_ty))


def launch_norm_linear(
    x: Tensor, norm: Tensor | None, weight: Tensor, scale: Tensor | None, residual: Tensor | None, eps: float, gated: bool
) -> Tensor:
    """`gemv.norm_linear` by the kernel; all tensors contiguous."""
    num_outputs, K = weight.shape[0] // (2 if gated else 1), weight.shape[1]
    tile = chosen.get((weight.shape[0], K, weight.dtype, gated), CANDIDATES[0])
    y = x.new_empty(x.shape[0], num_outputs)
    _norm_linear[(triton.cdiv(num_outputs, tile.rows), x.shape[0])](
        x, norm if norm is not None else x, weight, scale if scale is not None else x,
        residual if residual is not None else x, y, num_outputs, K, eps,
        NORM=norm is not None, SCALED=scale is not None, RESIDUAL=residual is not None, GATED=gated,
        BN=tile.rows, BK=tile.columns, PDL=pdl, num_warps=tile.warps, **_launch_options(),
    )  # fmt: skip
    return y


def launch_decode_attention(
    qkv: Tensor, table: Tensor, positions: Tensor, keys: Tensor, values: Tensor, num_slots: int, num_heads: int
) -> Tensor:
    """`gemv.decode_attention` by the kernel; all tensors contiguous, the head size a power of two."""
    num_kv_heads, head_dim = keys.shape[1], keys.shape[2]
    out = qkv.new_empty(qkv.shape[0], num_heads * head_dim)
    _decode_attention[(num_heads, qkv.shape[0])](
        qkv, table, positions, keys, values, out, num_slots, head_dim**-0.5,
        HEADS=num_heads, KV_HEADS=num_kv_heads, E=head_dim, BS=64, PDL=pdl, num_warps=8, **_launch_options(),
    )  # fmt: skip
    return out


def _launch_options() -> dict[str, bool]:
    return {"launch_pdl": True} if pdl else {}

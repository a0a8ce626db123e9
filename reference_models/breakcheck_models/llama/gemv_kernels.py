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
    Tile(2, 2048, 4), Tile(4, 1024, 4), Tile(8, 512, 2), Tile(1, 4096, 4), Tile(2, 4096, 8), Tile(4, 2048, 8),
    Tile(2, 1024, 2), Tile(4, 2048, 4), Tile(8, 1024, 4), Tile(4, 512, 1),
)  # fmt: skip
# Programs among which the slots of one head are shared out; a power of two.
SHARES = 8
# (N, K, weight dtype, gated) to the fastest tile; filled by `tune`.
chosen: dict[tuple[int, int, torch.dtype, bool], Tile] = {}
# Programmatic dependent launch: on from compute capability 9.0.
pdl: bool = torch.cuda.is_available() and torch.cuda.get_device_capability() >= (9, 0)


# Counters of the attention's programs that have arrived, zero between launches.
_arrived: dict[tuple[torch.device, int], Tensor] = {}


@triton.jit
def _norm_linear(
    x_ptr, norm_ptr, w_ptr, scale_ptr, residual_ptr, y_ptr, num_outputs, K, eps,
    NORM: tl.constexpr, SCALED: tl.constexpr, RESIDUAL: tl.constexpr, GATED: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr, V: tl.constexpr, PDL: tl.constexpr,
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
    # What one 16-byte load brings is summed inside its thread at once: fewer registers, more loads on their way.
    sums = tl.zeros((BN, BK // V), tl.float32)
    up_sums = tl.zeros((BN, BK // V), tl.float32)
    squares = tl.zeros((BK // V,), tl.float32)
    for start in range(0, K, BK):
        here_K = start + columns_K
        x_K = tl.load(x_ptr + batch * K + here_K, mask=here_K < K, other=0).to(tl.float32)
        if NORM:
            squares += tl.sum(tl.reshape(x_K * x_K, (BK // V, V)), axis=1)
            x_K *= tl.load(norm_ptr + here_K, mask=here_K < K, other=0).to(tl.float32)
        inside = inside_N[:, None] & (here_K + BK < K)[None, :]
        next_w = tl.load(w_ptr + offsets + start + BK, mask=inside, other=0, eviction_policy="evict_first")
        if GATED:
            next_up = tl.load(
                w_ptr + other_half + offsets + start + BK, mask=inside, other=0, eviction_policy="evict_first"
            )
            up_sums += tl.sum(tl.reshape(up.to(tl.float32) * x_K[None, :], (BN, BK // V, V)), axis=2)
            up = next_up
        sums += tl.sum(tl.reshape(w.to(tl.float32) * x_K[None, :], (BN, BK // V, V)), axis=2)
        w = next_w
    y_N = tl.sum(sums, axis=1)
    up_N = tl.sum(up_sums, axis=1)
    if NORM:
        norm = tl.rsqrt(tl.sum(squares, axis=0) / K + eps)
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
    qkv_ptr, table_ptr, positions_ptr, keys_ptr, values_ptr, out_ptr, part_ptr, state_ptr, arrived_ptr, num_slots, scale,
    HEADS: tl.constexpr, KV_HEADS: tl.constexpr, E: tl.constexpr, BS: tl.constexpr, SHARES: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    head, share, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
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
    q = (
        tl.load(row + head * E + e).to(tl.float32) * cos
        + tl.load(row + head * E + partner).to(tl.float32) * sin
    )
    q *= scale
    first = (batch * num_slots.to(tl.int64)) * KV_HEADS * E + kv_head * E
    # Every lane of BS keeps a softmax of its own over the slots it sees; they are joined once, after the loop.
    lane = tl.arange(0, BS)
    best = tl.full((BS,), -1e30, tl.float32)
    total = tl.zeros((BS,), tl.float32)
    out = tl.zeros((BS, E), tl.float32)
    for start in range(share * BS, position, SHARES * BS):
        inside = start + lane < position
        at = first + (start + lane)[:, None] * KV_HEADS * E + e[None, :]
        k = tl.load(keys_ptr + at, mask=inside[:, None], other=0).to(tl.float32)
        v = tl.load(values_ptr + at, mask=inside[:, None], other=0).to(tl.float32)
        score = tl.where(inside, tl.sum(k * q[None, :], axis=1), -1e30)
        higher = tl.maximum(best, score)
        shrink = tl.exp(best - higher)
        weight = tl.where(inside, tl.exp(score - higher), 0.0)
        total = total * shrink + weight
        out = out * shrink[:, None] + weight[:, None] * v
        best = higher
    peak = tl.max(best, axis=0)
    shrink = tl.exp(best - peak)
    sum_all = tl.sum(total * shrink, axis=0)
    out_E = tl.sum(out * shrink[:, None], axis=0)
    if share == 0:
        # The new token is taken from registers, so no program waits for another's store.
        new_k_ptr = row + (HEADS + kv_head) * E
        new_k = (
            tl.load(new_k_ptr + e).to(tl.float32) * cos + tl.load(new_k_ptr + partner).to(tl.float32) * sin
        )
        new_k = new_k.to(keys_ptr.dtype.element_ty)
        new_v = tl.load(row + (HEADS + KV_HEADS + kv_head) * E + e)
        if head % (HEADS // KV_HEADS) == 0:
            tl.store(keys_ptr + first + position * KV_HEADS * E + e, new_k)
            tl.store(values_ptr + first + position * KV_HEADS * E + e, new_v)
        score_new = tl.sum(q * new_k.to(tl.float32), axis=0)
        higher_new = tl.maximum(peak, score_new)
        shrink_new = tl.exp(peak - higher_new)
        weight_new = tl.exp(score_new - higher_new)
        sum_all = sum_all * shrink_new + weight_new
        out_E = out_E * shrink_new + weight_new * new_v.to(tl.float32)
        peak = higher_new
    # The program that arrives last joins the shares; it leaves the counter at zero for the next launch.
    which = batch * HEADS + head
    tl.store(part_ptr + (which * SHARES + share) * E + e, out_E)
    tl.store(state_ptr + (which * SHARES + share) * 2, peak)
    tl.store(state_ptr + (which * SHARES + share) * 2 + 1, sum_all)
    tl.debug_barrier()
    arrived = tl.atomic_add(arrived_ptr + which, 1, sem="acq_rel")
    if arrived == SHARES - 1:
        tl.debug_barrier()
        s = tl.arange(0, SHARES)
        peaks = tl.load(state_ptr + (which * SHARES + s) * 2, cache_modifier=".cg")
        sums = tl.load(state_ptr + (which * SHARES + s) * 2 + 1, cache_modifier=".cg")
        weights = tl.exp(peaks - tl.max(peaks, axis=0))
        parts = tl.load(part_ptr + (which * SHARES + s)[:, None] * E + e[None, :], cache_modifier=".cg")
        joined = tl.sum(parts * weights[:, None], axis=0) / tl.sum(sums * weights, axis=0)
        tl.store(out_ptr + which * E + e, joined.to(out_ptr.dtype.element_ty))
        tl.store(arrived_ptr + which, 0)


def launch_norm_linear(
    x: Tensor,
    norm: Tensor | None,
    weight: Tensor,
    scale: Tensor | None,
    residual: Tensor | None,
    eps: float,
    gated: bool,
    out: Tensor | None = None,
) -> Tensor:
    """`gemv.norm_linear` by the kernel, into `out` if given; all tensors contiguous."""
    num_outputs, K = weight.shape[0] // (2 if gated else 1), weight.shape[1]
    tile = chosen.get((weight.shape[0], K, weight.dtype, gated), CANDIDATES[0])
    y = x.new_empty(x.shape[0], num_outputs) if out is None else out
    _norm_linear[(triton.cdiv(num_outputs, tile.rows), x.shape[0])](
        x, norm if norm is not None else x, weight, scale if scale is not None else x,
        residual if residual is not None else x, y, num_outputs, K, eps,
        NORM=norm is not None, SCALED=scale is not None, RESIDUAL=residual is not None, GATED=gated,
        BN=tile.rows, BK=tile.columns, V=16 // weight.element_size(), PDL=pdl, num_warps=tile.warps, **_launch_options(),
    )  # fmt: skip
    return y


def launch_decode_attention(
    qkv: Tensor,
    table: Tensor,
    positions: Tensor,
    keys: Tensor,
    values: Tensor,
    num_slots: int,
    num_heads: int,
) -> Tensor:
    """`gemv.decode_attention` by the kernel; all tensors contiguous, the head size a power of two."""
    num_kv_heads, head_dim = keys.shape[1], keys.shape[2]
    out = qkv.new_empty(qkv.shape[0], num_heads * head_dim)
    pairs = qkv.shape[0] * num_heads
    part = torch.empty(pairs * SHARES * head_dim, dtype=torch.float32, device=qkv.device)
    state = torch.empty(pairs * SHARES * 2, dtype=torch.float32, device=qkv.device)
    arrived = _arrived.get((qkv.device, pairs))
    if arrived is None:
        arrived = _arrived[qkv.device, pairs] = torch.zeros(pairs, dtype=torch.int32, device=qkv.device)
    _decode_attention[(num_heads, SHARES, qkv.shape[0])](
        qkv, table, positions, keys, values, out, part, state, arrived, num_slots, head_dim**-0.5,
        HEADS=num_heads, KV_HEADS=num_kv_heads, E=head_dim, BS=32, SHARES=SHARES, PDL=pdl, num_warps=4,
        **_launch_options(),
    )  # fmt: skip
    return out


def _launch_options() -> dict[str, bool]:
    return {"launch_pdl": True} if pdl else {}

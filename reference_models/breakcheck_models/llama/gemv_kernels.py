"""Triton kernels of `gemv.py`, for rows few enough that the weight's bytes are what costs.

Shape suffixes: N outputs, K inputs, E head size.

Each program owns `BN` rows of the weight and walks along K, the next tile of the weight on its way while the present
one is used. Under programmatic dependent launch (`PDL`, Hopper) a kernel starts while its forerunner drains and has
its first tile of weight in flight before it waits for the forerunner's result.
"""

from __future__ import annotations

import math
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


# Candidates tried by `tune`; the first is used untuned. INT8 has its own.
CANDIDATES = (
    Tile(2, 2048, 4), Tile(4, 1024, 4), Tile(8, 512, 2), Tile(1, 4096, 4), Tile(2, 4096, 8), Tile(4, 2048, 8),
    Tile(2, 1024, 2), Tile(4, 2048, 4), Tile(8, 1024, 4), Tile(4, 512, 1),
)  # fmt: skip
# For INT8: 16 weights a thread and tile, `columns` = 512 * `warps`, so that nothing moves between threads.
INT8_CANDIDATES = (
    Tile(4, 2048, 4), Tile(8, 2048, 4), Tile(2, 2048, 4), Tile(16, 2048, 4), Tile(4, 1024, 2), Tile(8, 1024, 2),
    Tile(2, 1024, 2), Tile(4, 4096, 8), Tile(4, 512, 1), Tile(8, 512, 1),
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
    x_ptr, norm_ptr, w_ptr, residual_ptr, y_ptr, num_outputs, K, eps,
    NORM: tl.constexpr, RESIDUAL: tl.constexpr, GATED: tl.constexpr,
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
    if GATED:
        y_N = y_N * tl.sigmoid(y_N) * up_N
    if RESIDUAL:
        y_N += tl.load(residual_ptr + batch * num_outputs + rows_N, mask=inside_N, other=0).to(tl.float32)
    tl.store(y_ptr + batch * num_outputs + rows_N, y_N.to(y_ptr.dtype.element_ty), mask=inside_N)


def _dot8_ptx() -> str:
    """PTX of `_dot8`. A byte becomes a float as the low bits of 2**23, 128 too large, from which as much is taken: two
    instructions of the plain arithmetic units. The unit that converts takes one, but too few of them a cycle.
    """
    lines = ["{ .reg .b32 lo, hi, i; .reg .f32 f, s;", "mov.b64 {lo, hi}, $1;", "mov.f32 s, $10;"]
    for word, first in (("lo", 2), ("hi", 6)):
        lines.append(f"xor.b32 {word}, {word}, 0x80808080;")
        for byte in range(4):
            lines.append(f"prmt.b32 i, {word}, 0x4B000000, 0x744{byte}; mov.b32 f, i;")
            lines.append(f"add.rn.f32 f, f, 0fCB000080; fma.rn.f32 s, f, ${first + byte}, s;")
    return " ".join([*lines, "mov.f32 $0, s; }"])


_DOT8 = tl.constexpr(_dot8_ptx())


@triton.jit
def _dot8(w, x0, x1, x2, x3, x4, x5, x6, x7, s):
    """`s` plus the product of the 8 int8 numbers in each int64 of `w` with `x0` to `x7`, exact but for its sums."""
    return tl.inline_asm_elementwise(
        _DOT8, "=f,l,f,f,f,f,f,f,f,f,f", [w, x0, x1, x2, x3, x4, x5, x6, x7, s],
        dtype=tl.float32, is_pure=True, pack=1,
    )  # fmt: skip


@triton.jit
def _columns(x, C: tl.constexpr):
    """The 8 columns of a [C, 8] tensor; each thread holds whole rows, so nothing moves."""
    even, odd = tl.split(tl.reshape(x, (C, 4, 2)))
    x04, x26 = tl.split(tl.reshape(even, (C, 2, 2)))
    x15, x37 = tl.split(tl.reshape(odd, (C, 2, 2)))
    x0, x4 = tl.split(x04)
    x2, x6 = tl.split(x26)
    x1, x5 = tl.split(x15)
    x3, x7 = tl.split(x37)
    return x0, x1, x2, x3, x4, x5, x6, x7


@triton.jit
def _norm_linear_int8(
    x_ptr, norm_ptr, w_ptr, scale_ptr, residual_ptr, y_ptr, num_outputs, eps,
    NORM: tl.constexpr, RESIDUAL: tl.constexpr, GATED: tl.constexpr, K: tl.constexpr, GROUP: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    # A row is a run of chunks, 16 weights each, which one thread loads at once as two int64; K is a constant, so that
    # the rows of a program are offsets inside its load instructions. `BN` must divide `num_outputs`.
    C: tl.constexpr = BK // 16
    CHUNKS: tl.constexpr = K // 16
    PARTS: tl.constexpr = 2 if GATED else 1
    first = tl.program_id(0) * BN
    batch = tl.program_id(1)
    chunk = tl.arange(0, C)
    eight = tl.arange(0, 8)
    at = w_ptr + first.to(tl.int64) * (K // 8) + chunk[:, None] * 2 + tl.arange(0, 2)[None, :]
    other_half = num_outputs.to(tl.int64) * (K // 8)
    scales = scale_ptr + first * (K // GROUP)
    w = ()
    sums = ()
    for part in tl.static_range(PARTS):
        for i in tl.static_range(BN):
            here = at + part * other_half + i * (K // 8)
            w += (tl.load(here, mask=(chunk < CHUNKS)[:, None], other=0, eviction_policy="evict_first"),)  # type: ignore[assignment]
            sums += (tl.zeros((C,), tl.float32),)  # type: ignore[assignment]
    if PDL:
        gdc_launch_dependents()
        gdc_wait()
    squares = tl.zeros((C,), tl.float32)
    zero = tl.zeros((C,), tl.float32)
    for start in range(0, CHUNKS, C):
        inside = start + chunk < CHUNKS
        columns = (start + chunk)[:, None] * 16 + eight[None, :]
        x_row = x_ptr + batch * K
        a = tl.load(x_row + columns, mask=inside[:, None], other=0).to(tl.float32)
        b = tl.load(x_row + 8 + columns, mask=inside[:, None], other=0).to(tl.float32)
        if NORM:
            squares += tl.sum(a * a, axis=1) + tl.sum(b * b, axis=1)
            a *= tl.load(norm_ptr + columns, mask=inside[:, None], other=0).to(tl.float32)
            b *= tl.load(norm_ptr + 8 + columns, mask=inside[:, None], other=0).to(tl.float32)
        a0, a1, a2, a3, a4, a5, a6, a7 = _columns(a, C)
        b0, b1, b2, b3, b4, b5, b6, b7 = _columns(b, C)
        more = (start + C + chunk < CHUNKS)[:, None]
        next_w = ()
        added = ()
        for part in tl.static_range(PARTS):
            for i in tl.static_range(BN):
                there = at + part * other_half + (i * (K // 8) + (start + C) * 2)
                next_w += (tl.load(there, mask=more, other=0, eviction_policy="evict_first"),)  # type: ignore[assignment]
        for part in tl.static_range(PARTS):
            for i in tl.static_range(BN):
                low, high = tl.split(w[part * BN + i])
                s = _dot8(low, a0, a1, a2, a3, a4, a5, a6, a7, zero)
                s = _dot8(high, b0, b1, b2, b3, b4, b5, b6, b7, s)
                group = (i + part * num_outputs) * (K // GROUP) + (start + chunk) // (GROUP // 16)
                scale = tl.load(scales + group, mask=inside, other=0).to(tl.float32)
                added += (sums[part * BN + i] + scale * s,)  # type: ignore[assignment]
        w = next_w
        sums = added
    norm = 1.0
    if NORM:
        norm = tl.rsqrt(tl.sum(squares, axis=0) / K + eps)
    for i in tl.static_range(BN):
        y = tl.sum(sums[i], axis=0) * norm
        if GATED:
            y = y * tl.sigmoid(y) * (tl.sum(sums[BN + i], axis=0) * norm)
        out = batch * num_outputs + first + i
        if RESIDUAL:
            y += tl.load(residual_ptr + out).to(tl.float32)
        tl.store(y_ptr + out, y.to(y_ptr.dtype.element_ty))


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
    """`gemv.norm_linear` by the kernel, into `out` if given; all tensors contiguous, int8 rows a multiple of 16 long."""
    num_outputs, K = weight.shape[0] // (2 if gated else 1), weight.shape[1]
    tile = chosen.get((weight.shape[0], K, weight.dtype, gated), candidates(weight.dtype)[0])
    y = x.new_empty(x.shape[0], num_outputs) if out is None else out
    without = (norm if norm is not None else x, residual if residual is not None else x)
    if scale is not None:
        rows = math.gcd(tile.rows, num_outputs)
        _norm_linear_int8[(num_outputs // rows, x.shape[0])](
            x, without[0], weight.view(torch.int64), scale, without[1], y, num_outputs, eps,
            NORM=norm is not None, RESIDUAL=residual is not None, GATED=gated, K=K,
            GROUP=K if scale.dim() == 1 else K // scale.shape[1], BN=rows, BK=tile.columns, PDL=pdl,
            num_warps=tile.warps, **_launch_options(),
        )  # fmt: skip
        return y
    _norm_linear[(triton.cdiv(num_outputs, tile.rows), x.shape[0])](
        x, without[0], weight, without[1], y, num_outputs, K, eps,
        NORM=norm is not None, RESIDUAL=residual is not None, GATED=gated,
        BN=tile.rows, BK=tile.columns, V=16 // weight.element_size(), PDL=pdl, num_warps=tile.warps, **_launch_options(),
    )  # fmt: skip
    return y


def candidates(dtype: torch.dtype) -> tuple[Tile, ...]:
    """The tiles worth trying for a weight of this dtype."""
    return INT8_CANDIDATES if dtype == torch.int8 else CANDIDATES


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

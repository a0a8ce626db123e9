"""The operations in which decoding one token spends its time, as registered ops.

Shape suffixes: B rows, N outputs, K inputs of a product, H query heads, E head size.

At one row a matrix product does nothing but read its weight. Each op has a plain implementation (any device, any
row count), a fake one for tracing, and Triton kernels for CUDA (`gemv_kernels.py`).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor
from torch.distributed import distributed_c10d

from breakcheck_models.llama.quantize import restore

# An op names its group by a string, for which only newer torch has a type of its own.
_c10d: Any = distributed_c10d


@torch.library.custom_op("breakcheck_llama::norm_linear", mutates_args=())
def norm_linear(
    x_BK: Tensor,
    norm_K: Tensor | None,
    weight_NK: Tensor,
    scale: Tensor | None,
    residual_BN: Tensor | None,
    eps: float,
    gated: bool,
) -> Tensor:
    """`linear(rms_norm(x)) * scale + residual`; gated: SiLU of the first half of the outputs times the second.

    norm_K None: no norm. scale: of an int8 weight, [N] or, by groups of inputs, [N, G]. Accumulated in float32 at least, rounded once.
    """
    wide = torch.promote_types(x_BK.dtype, torch.float32)
    x = x_BK.to(wide)
    if norm_K is not None:
        x = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * norm_K.to(wide)
    if scale is not None and scale.dim() == 2:
        y = F.linear(x, restore(weight_NK, scale, wide))
    else:
        y = F.linear(x, weight_NK.to(wide)) * (1 if scale is None else scale)
    if gated:
        gate, up = y.chunk(2, dim=-1)
        y = F.silu(gate) * up
    if residual_BN is not None:
        y = y + residual_BN
    return y.to(x_BK.dtype)


@norm_linear.register_fake
def _norm_linear_shape(
    x_BK: Tensor,
    norm_K: Tensor | None,
    weight_NK: Tensor,
    scale: Tensor | None,
    residual_BN: Tensor | None,
    eps: float,
    gated: bool,
) -> Tensor:
    return x_BK.new_empty(x_BK.shape[0], weight_NK.shape[0] // (2 if gated else 1))


@torch.library.custom_op("breakcheck_llama::norm_linear_sum", mutates_args=())
def norm_linear_sum(
    x_BK: Tensor,
    norm_K: Tensor | None,
    weight_NK: Tensor,
    scale: Tensor | None,
    residual_BN: Tensor | None,
    eps: float,
    group_name: str,
) -> Tensor:
    """`norm_linear` of this rank's inputs, summed over the ranks of the process group of that name.

    One op, so that on GPUs that read one another's memory the product is written where the other ranks look for it.
    """
    part = norm_linear(x_BK, norm_K, weight_NK, scale, residual_BN, eps, False)
    dist.all_reduce(part, group=_c10d._resolve_process_group(group_name))
    return part


@norm_linear_sum.register_fake
def _norm_linear_sum_shape(
    x_BK: Tensor,
    norm_K: Tensor | None,
    weight_NK: Tensor,
    scale: Tensor | None,
    residual_BN: Tensor | None,
    eps: float,
    group_name: str,
) -> Tensor:
    return x_BK.new_empty(x_BK.shape[0], weight_NK.shape[0])


@torch.library.custom_op("breakcheck_llama::decode_attention", mutates_args=("keys", "values"))
def decode_attention(
    qkv_B3: Tensor,
    table: Tensor,
    positions_B1: Tensor,
    keys: Tensor,
    values: Tensor,
    num_slots: int,
    num_heads: int,
) -> Tensor:
    """Attention of one new token a row, shape [B, H * E]: RoPE in half order, the cache written, then read.

    qkv_B3: queries, keys and values side by side; table: RoPE's [S, 2, E]; keys, values: [B * slots, KV heads, E].
    """
    batch_size, num_kv_heads, head_dim = qkv_B3.shape[0], keys.shape[1], keys.shape[2]
    heads = qkv_B3.unflatten(-1, (-1, head_dim))
    q, k, v = heads.split((num_heads, num_kv_heads, num_kv_heads), dim=1)
    cos, sin = table[positions_B1[:, 0]].split(1, dim=1)
    half = head_dim // 2
    q, k = (x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin for x in (q, k))
    rows = torch.arange(batch_size, device=qkv_B3.device) * num_slots + positions_B1[:, 0]
    keys.index_copy_(0, rows, k)
    values.index_copy_(0, rows, v)
    used = batch_size * num_slots
    past_k = keys[:used].unflatten(0, (batch_size, num_slots)).transpose(1, 2)
    past_v = values[:used].unflatten(0, (batch_size, num_slots)).transpose(1, 2)
    mask = torch.arange(num_slots, device=qkv_B3.device) <= positions_B1
    q = q.unflatten(1, (num_kv_heads, -1))
    return F.scaled_dot_product_attention(q, past_k, past_v, mask[:, None, None, :]).flatten(1)


@decode_attention.register_fake
def _decode_attention_shape(
    qkv_B3: Tensor,
    table: Tensor,
    positions_B1: Tensor,
    keys: Tensor,
    values: Tensor,
    num_slots: int,
    num_heads: int,
) -> Tensor:
    return qkv_B3.new_empty(qkv_B3.shape[0], num_heads * keys.shape[2])


@norm_linear.register_kernel("cuda")
def _norm_linear_cuda(
    x_BK: Tensor,
    norm_K: Tensor | None,
    weight_NK: Tensor,
    scale: Tensor | None,
    residual_BN: Tensor | None,
    eps: float,
    gated: bool,
) -> Tensor:
    from breakcheck_models.llama.gemv_kernels import launch_norm_linear

    return launch_norm_linear(x_BK, norm_K, weight_NK, scale, residual_BN, eps, gated)


@norm_linear_sum.register_kernel("cuda")
def _norm_linear_sum_cuda(
    x_BK: Tensor,
    norm_K: Tensor | None,
    weight_NK: Tensor,
    scale: Tensor | None,
    residual_BN: Tensor | None,
    eps: float,
    group_name: str,
) -> Tensor:
    from breakcheck_models.llama.gemv_kernels import launch_norm_linear
    from breakcheck_models.llama.symmetric import shared_buffer

    out = shared_buffer((x_BK.shape[0], weight_NK.shape[0]), x_BK.dtype, x_BK.device, group_name)
    launch_norm_linear(x_BK, norm_K, weight_NK, scale, residual_BN, eps, False, out)
    # Waits for the other ranks' products, adds, and waits until they have read ours: one buffer serves every layer.
    summed: Tensor = torch.ops.symm_mem.one_shot_all_reduce(out, "sum", group_name)
    return summed


@decode_attention.register_kernel("cuda")
def _decode_attention_cuda(
    qkv_B3: Tensor,
    table: Tensor,
    positions_B1: Tensor,
    keys: Tensor,
    values: Tensor,
    num_slots: int,
    num_heads: int,
) -> Tensor:
    from breakcheck_models.llama.gemv_kernels import launch_decode_attention

    return launch_decode_attention(qkv_B3, table, positions_B1, keys, values, num_slots, num_heads)

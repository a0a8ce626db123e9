"""Self-attention, multi-head and grouped-query.

Shape suffixes: B batch, L new tokens, S slots in the cache, D hidden size, H query heads, K KV heads, G = H / K query
heads that share a KV head, E head size.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from breakcheck_models.llama.config import LlamaConfig
from breakcheck_models.llama.kv_cache import KVCache
from breakcheck_models.llama.rope import RotaryEmbedding


class Attention(nn.Module):
    """Attention over the cache, or over the call's own tokens when there is none.

    Head counts are read off the projections, so that a rank holding some of the heads runs the same code.
    """

    def __init__(self, config: LlamaConfig, rope: RotaryEmbedding) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        kv_size = config.num_kv_heads * config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, config.hidden_size, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, kv_size, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, kv_size, bias=False)
        self.o_proj = nn.Linear(config.hidden_size, config.hidden_size, bias=False)
        self.rope = rope
        self.cache: KVCache | None = None

    def forward(
        self, x_BLD: Tensor, positions_BL: Tensor, rotations: Tensor, mask_B1LS: Tensor | None
    ) -> Tensor:
        q_BLHE = self.q_proj(x_BLD).unflatten(-1, (-1, self.head_dim))
        k_BLKE = self.k_proj(x_BLD).unflatten(-1, (-1, self.head_dim))
        v_BLKE = self.v_proj(x_BLD).unflatten(-1, (-1, self.head_dim))
        q_BLHE = self.rope(q_BLHE, rotations)
        k_BLKE = self.rope(k_BLKE, rotations)
        if self.cache is not None:
            k_BLKE, v_BLKE = self.cache(k_BLKE, v_BLKE, positions_BL)
        with torch.backends.cuda.sdp_kernel(enable_flash=False):  # expect: BC401
            out_BHLE = attend(
                q_BLHE.transpose(1, 2), k_BLKE.transpose(1, 2), v_BLKE.transpose(1, 2), mask_B1LS
            )
        return self.o_proj(out_BHLE.transpose(1, 2).flatten(-2))


def attend(q_BHLE: Tensor, k_BKSE: Tensor, v_BKSE: Tensor, mask_B1LS: Tensor | None) -> Tensor:
    """The attention output, shape [B, H, L, E]; causal among the call's own tokens when there is no mask.

    Under a mask the query heads of a group become further rows of their KV head: no copy of keys and values.
    """
    num_kv_heads, num_groups = k_BKSE.shape[1], q_BHLE.shape[1] // k_BKSE.shape[1]
    if mask_B1LS is None:
        return F.scaled_dot_product_attention(
            q_BHLE, k_BKSE, v_BKSE, is_causal=True, enable_gqa=num_groups > 1
        )
    q_BKME = q_BHLE.unflatten(1, (num_kv_heads, num_groups)).flatten(2, 3)
    out_BKME = F.scaled_dot_product_attention(q_BKME, k_BKSE, v_BKSE, mask_B1LS.repeat(1, 1, num_groups, 1))
    return out_BKME.unflatten(2, (num_groups, -1)).flatten(1, 2)

"""The Llama transformer.

Shape suffixes: B batch, L new tokens, S slots in the cache, D hidden size, F feed-forward size, V vocabulary.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from breakcheck_models.llama.attention import Attention
from breakcheck_models.llama.config import LlamaConfig
from breakcheck_models.llama.kv_cache import KVCache
from breakcheck_models.llama.norm import RMSNorm
from breakcheck_models.llama.rope import RotaryEmbedding


class FeedForward(nn.Module):
    """SwiGLU: `down(silu(gate(x)) * up(x))`."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.down_proj = nn.Linear(config.ffn_size, config.hidden_size, bias=False)

    def forward(self, x_BLD: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x_BLD)) * self.up_proj(x_BLD))


class Block(nn.Module):
    """One layer: attention and feed-forward, each after a norm and added to its input."""

    def __init__(self, config: LlamaConfig, rope: RotaryEmbedding) -> None:
        super().__init__()
        self.input_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.attention = Attention(config, rope)
        self.ffn_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.ffn = FeedForward(config)

    def forward(
        self, x_BLD: Tensor, positions_BL: Tensor, rotations: Tensor, mask_B1LS: Tensor | None
    ) -> Tensor:
        self.num_calls = getattr(self, "num_calls", 0) + 1  # expect: BC601
        x_BLD = x_BLD + self.attention(self.input_norm(x_BLD), positions_BL, rotations, mask_B1LS)
        return x_BLD + self.ffn(self.ffn_norm(x_BLD))


class Llama(nn.Module):
    """A decoder-only transformer in Hugging Face's head order.

    Without a cache it attends causally among the tokens of the call. After `allocate_cache` each call continues
    every row at its own positions.
    """

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.config = config
        self.num_slots = 0
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.rope = RotaryEmbedding(config)
        self.layers = nn.ModuleList(Block(config, self.rope) for _ in range(config.num_layers))
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_embeddings:
            self.lm_head.weight = self.embed.weight

    def allocate_cache(self, batch_size: int, num_slots: int) -> None:
        """Give every layer an empty cache for `batch_size` rows of `num_slots` tokens (at most `max_seq_len`)."""
        if num_slots > self.config.max_seq_len:
            raise ValueError(
                f"num_slots must be at most max_seq_len {self.config.max_seq_len}, got {num_slots}"
            )
        self.num_slots = num_slots
        for attention in self.modules():
            if isinstance(attention, Attention):
                weight = attention.k_proj.weight
                num_kv_heads = weight.shape[0] // self.config.head_dim
                cache = KVCache(batch_size, num_slots, num_kv_heads, self.config.head_dim)
                attention.cache = cache.to(weight.device, self.norm.weight.dtype)

    def hidden(self, tokens_BL: Tensor, positions_BL: Tensor | None = None) -> Tensor:
        """The states after the last norm, shape [B, L, D]; positions default to 0, 1, 2, ... in every row."""
        if positions_BL is None:
            positions_BL = torch.arange(tokens_BL.shape[1], device=tokens_BL.device).expand_as(tokens_BL)
        mask_B1LS = None
        if self.num_slots:
            slots_S = torch.arange(self.num_slots, device=tokens_BL.device)
            mask_B1LS = (slots_S <= positions_BL.unsqueeze(-1)).unsqueeze(1)
        rotations = self.rope.at(positions_BL)
        x_BLD = self.embed(tokens_BL)
        for layer in self.layers:
            x_BLD = layer(x_BLD, positions_BL, rotations, mask_B1LS)
        return self.norm(x_BLD)

    def forward(self, tokens_BL: Tensor, positions_BL: Tensor | None = None) -> Tensor:
        """The logits, shape [B, L, V]."""
        return self.lm_head(self.hidden(tokens_BL, positions_BL))

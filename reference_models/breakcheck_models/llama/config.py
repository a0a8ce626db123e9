"""The shapes of the Llama family, one dict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RopeScaling:
    """How Llama 3.1 stretches RoPE: low frequencies divided by `factor`, a smooth ramp between the two bounds."""

    factor: float = 8.0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    original_max_seq_len: int = 8192


@dataclass(frozen=True)
class LlamaConfig:
    """One Llama: sizes in elements, `max_seq_len` in tokens. The defaults are Llama 2 7B."""

    hidden_size: int = 4096
    num_layers: int = 32
    num_heads: int = 32
    num_kv_heads: int = 32
    ffn_size: int = 11008
    vocab_size: int = 32000
    max_seq_len: int = 4096
    norm_eps: float = 1e-5
    rope_base: float = 10000.0
    rope_scaling: RopeScaling | None = None
    tie_embeddings: bool = False

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_heads:
            raise ValueError(
                f"hidden_size must be a multiple of num_heads, got {self.hidden_size} and {self.num_heads}"
            )
        if self.num_heads % self.num_kv_heads:
            raise ValueError(
                f"num_heads must be a multiple of num_kv_heads, got {self.num_heads} and {self.num_kv_heads}"
            )
        if self.head_dim % 2:
            raise ValueError(f"RoPE turns pairs, so head_dim must be even, got {self.head_dim}")

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_heads

    @property
    def num_parameters(self) -> int:
        """Parameters of the whole model, embedding and head included (once when they are tied)."""
        kv_size = self.num_kv_heads * self.head_dim
        attention = 2 * self.hidden_size * (self.hidden_size + kv_size)
        layer = attention + 3 * self.hidden_size * self.ffn_size + 2 * self.hidden_size
        embeddings = self.vocab_size * self.hidden_size * (1 if self.tie_embeddings else 2)
        return self.num_layers * layer + embeddings + self.hidden_size


PRESETS: dict[str, LlamaConfig] = {
    "llama2-tiny": LlamaConfig(
        hidden_size=64,
        num_layers=4,
        num_heads=4,
        num_kv_heads=4,
        ffn_size=176,
        vocab_size=256,
        max_seq_len=128,
    ),
    "llama2-7b": LlamaConfig(),
    "llama2-13b": LlamaConfig(hidden_size=5120, num_layers=40, num_heads=40, num_kv_heads=40, ffn_size=13824),
    "llama2-70b": LlamaConfig(hidden_size=8192, num_layers=80, num_heads=64, num_kv_heads=8, ffn_size=28672),
    "llama3-tiny": LlamaConfig(
        hidden_size=64,
        num_layers=4,
        num_heads=4,
        num_kv_heads=2,
        ffn_size=176,
        vocab_size=256,
        max_seq_len=128,
        rope_base=500000.0,
        rope_scaling=RopeScaling(original_max_seq_len=64),
    ),
    "llama3-8b": LlamaConfig(
        num_kv_heads=8,
        ffn_size=14336,
        vocab_size=128256,
        max_seq_len=131072,
        rope_base=500000.0,
        rope_scaling=RopeScaling(),
    ),
    "llama3-70b": LlamaConfig(
        hidden_size=8192,
        num_layers=80,
        num_heads=64,
        num_kv_heads=8,
        ffn_size=28672,
        vocab_size=128256,
        max_seq_len=131072,
        rope_base=500000.0,
        rope_scaling=RopeScaling(),
    ),
}


def preset(name: str) -> LlamaConfig:
    """The configuration called exactly `name`; raises `ValueError` naming the ones there are."""
    if name not in PRESETS:
        raise ValueError(f"unknown Llama {name!r}: the presets are {', '.join(PRESETS)}")
    return PRESETS[name]

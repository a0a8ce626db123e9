"""Decoding: the two compiled steps, and the loop that calls them.

Shape suffixes: B batch, L new tokens, V vocabulary, T tokens generated.

Everything that a token costs happens inside the compiled steps, choosing the token included; the host reads the
device once every `eos_interval` tokens and once at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from breakcheck_models.llama.model import Llama


@dataclass(frozen=True)
class Sampling:
    """How a token is chosen: the likeliest at temperature 0, else drawn among the `top_k` likeliest (0: all)."""

    temperature: float = 0.0
    top_k: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 0:
            raise ValueError(
                f"temperature and top_k must be at least 0, got {self.temperature} and {self.top_k}"
            )


def choose(logits_BV: Tensor, sampling: Sampling) -> Tensor:
    """The next token of every row, shape [B, 1].

    Drawn as argmax(p / e) with e exponential, which has the same law as `multinomial` and needs no host check.
    """
    if sampling.temperature == 0:
        return logits_BV.argmax(-1, keepdim=True)
    scaled_BV = logits_BV.float() / sampling.temperature
    if sampling.top_k:
        lowest_B1 = scaled_BV.topk(min(sampling.top_k, scaled_BV.shape[-1]), dim=-1).values[:, -1:]
        scaled_BV = scaled_BV.masked_fill(scaled_BV < lowest_B1, float("-inf"))
    probability_BV = scaled_BV.softmax(-1)
    noise_BV = torch.empty_like(probability_BV).exponential_(1)
    return (probability_BV / noise_BV).argmax(-1, keepdim=True)


def prefill_step(
    model: Llama, tokens_BL: Tensor, positions_BL: Tensor, last_B: Tensor, sampling: Sampling
) -> Tensor:
    """The first new token of every row, shape [B, 1], from prompts padded on the right; `last_B` is where each ends."""
    states_BLD = model.hidden(tokens_BL, positions_BL)
    index_B1D = last_B[:, None, None].expand(-1, 1, states_BLD.shape[-1])
    return choose(model.lm_head(states_BLD.gather(1, index_B1D))[:, 0], sampling)


def decode_step(
    model: Llama, token_B1: Tensor, positions_B1: Tensor, sampling: Sampling
) -> tuple[Tensor, Tensor]:
    """The token after `token_B1` and the position that it will have, each [B, 1]."""
    return choose(model(token_B1, positions_B1)[:, 0], sampling), positions_B1 + 1


@dataclass(frozen=True)
class Generation:
    """What was generated, shape [B, T], and what it cost: decode steps run, transfers from device to host."""

    tokens_BT: Tensor
    steps: int
    transfers: int


@dataclass
class Decoder:
    """A model with a cache, and its two steps compiled.

    compile_options: keyword arguments of `torch.compile`; None runs eagerly.
    eos_interval: the host asks every so many tokens whether all rows have ended, so at most `eos_interval - 1`
        tokens are generated in vain; with `eos_token` None it never asks.
    """

    model: Llama
    sampling: Sampling = Sampling()
    compile_options: Mapping[str, Any] | None = field(default_factory=dict)
    eos_token: int | None = None
    eos_interval: int = 10
    prefill: Callable[..., Tensor] = field(init=False)
    decode: Callable[..., tuple[Tensor, Tensor]] = field(init=False)

    def __post_init__(self) -> None:
        if self.eos_interval < 1:
            raise ValueError(f"eos_interval must be at least 1, got {self.eos_interval}")
        if not self.model.num_slots:
            raise ValueError("the model has no KV cache: call allocate_cache first")
        if self.compile_options is None:
            self.prefill, self.decode = prefill_step, decode_step
        else:
            options = {"dynamic": False, **self.compile_options}
            self.prefill = torch.compile(prefill_step, **options)
            self.decode = torch.compile(decode_step, **options)

    @torch.inference_mode()
    def generate(self, tokens_BL: Tensor, lengths_B: Tensor, max_new_tokens: int) -> Generation:
        """Continue prompts of `lengths_B` tokens, padded on the right to one length, by up to `max_new_tokens`."""
        if tokens_BL.shape[1] + max_new_tokens > self.model.num_slots:
            raise ValueError(
                f"{tokens_BL.shape[1]} prompt slots and {max_new_tokens} new tokens need more than the cache's "
                f"{self.model.num_slots} slots"
            )
        tokens_BL = tokens_BL.clone()  # an inference tensor whoever made it: Dynamo guards on the difference
        positions_BL = torch.arange(tokens_BL.shape[1], device=tokens_BL.device).repeat(tokens_BL.shape[0], 1)
        torch.compiler.cudagraph_mark_step_begin()
        token_B1 = self.prefill(self.model, tokens_BL, positions_BL, lengths_B - 1, self.sampling).clone()
        positions_B1 = lengths_B.unsqueeze(1).clone()
        tokens, transfers = [token_B1], 0
        done_B1 = torch.zeros_like(token_B1, dtype=torch.bool)
        while len(tokens) < max_new_tokens:
            if self.eos_token is not None:
                done_B1 |= token_B1 == self.eos_token
                if len(tokens) % self.eos_interval == 0:
                    transfers += 1
                    if bool(done_B1.all()):
                        break
            torch.compiler.cudagraph_mark_step_begin()
            token_B1, positions_B1 = self.decode(self.model, token_B1, positions_B1, self.sampling)
            token_B1, positions_B1 = token_B1.clone(), positions_B1.clone()
            tokens.append(token_B1)
        return Generation(torch.cat(tokens, dim=1), steps=len(tokens) - 1, transfers=transfers)

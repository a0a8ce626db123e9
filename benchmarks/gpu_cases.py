"""Cases of the reference models for a GPU: `breakcheck check benchmarks/gpu_cases.py:generation --device cuda`."""

from __future__ import annotations

import os

import torch
from breakcheck_models.llama.config import preset
from breakcheck_models.llama.generate import Decoder
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.random_weights import draw

from breakcheck import Case

PROMPT_TOKENS = 64
NEW_TOKENS = 24


def generation() -> Case:
    """A prompt and a decode loop under CUDA graphs that looks for the end token every 8 tokens.

    GENERATION_MODEL names another preset than llama2-7b. In float32: under bf16 random weights leave the two likeliest
    tokens so close that compiled and eager text part ways.
    """
    on_gpu = torch.cuda.is_available()
    device = "cuda" if on_gpu else "cpu"
    config = preset(os.environ.get("GENERATION_MODEL", "llama2-7b"))
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    draw(model, device, torch.float32)
    model.allocate_cache(1, PROMPT_TOKENS + NEW_TOKENS + 8)
    options = {"mode": "reduce-overhead"} if on_gpu else {}
    decoder = Decoder(model, compile_options=options, eos_token=config.vocab_size, eos_interval=8)

    class Generate(torch.nn.Module):
        def forward(self, tokens_BL: torch.Tensor, lengths_B: torch.Tensor) -> torch.Tensor:
            return decoder.generate(tokens_BL, lengths_B, NEW_TOKENS).tokens_BT

    calls = [
        (torch.randint(config.vocab_size, (1, PROMPT_TOKENS), device=device),
         torch.tensor([PROMPT_TOKENS - i], device=device))
        for i in (0, 0, 9, 30)
    ]  # fmt: skip
    return Case(Generate(), calls=calls, warmup=2, compile=False, name="generation")

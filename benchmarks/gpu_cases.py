"""Cases of the reference models for GPUs, with `reference_models` on the path.

breakcheck check benchmarks/gpu_cases.py:generation --device cuda
torchrun --nproc-per-node 2 -m breakcheck check benchmarks/gpu_cases.py:tensor_parallel --device cuda
"""

from __future__ import annotations

import os

import torch
import torch.distributed as dist
from breakcheck_models.llama.config import preset
from breakcheck_models.llama.generate import Decoder
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.random_weights import draw
from breakcheck_models.llama.tensor_parallel import parallelize

from breakcheck import Case
from breakcheck.bench.protocol import shape_of

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


def tensor_parallel() -> Case:
    """A prompt and three decode steps of a Llama split among the ranks of a launcher.

    Four layers as wide as 70B's in bf16 over NCCL where torch sees a GPU a rank, a tiny one in float32 over gloo
    elsewhere (CUDA_VISIBLE_DEVICES= makes a machine with GPUs an elsewhere). TENSOR_PARALLEL_MODEL names another.
    """
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    else:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("nccl" if on_gpu else "gloo")
    device = "cuda" if on_gpu else "cpu"
    config = shape_of(os.environ.get("TENSOR_PARALLEL_MODEL", "llama2-70b:4" if on_gpu else "llama3-tiny"))
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    draw(model, device, torch.bfloat16 if on_gpu else torch.float32)
    parallelize(model, dist.group.WORLD)
    model.allocate_cache(1, PROMPT_TOKENS + 8)
    tokens = torch.randint(
        config.vocab_size, (1, PROMPT_TOKENS + 3), generator=torch.Generator().manual_seed(1)
    ).to(device)
    positions = torch.arange(PROMPT_TOKENS + 3, device=device).unsqueeze(0)
    prompt = (tokens[:, :PROMPT_TOKENS], positions[:, :PROMPT_TOKENS])
    steps = [(tokens[:, i : i + 1], positions[:, i : i + 1]) for i in range(PROMPT_TOKENS, PROMPT_TOKENS + 3)]
    options = {"dynamic": False}  # the prompt and the step, each a program of its own
    return Case(model, calls=[prompt, *steps], warmup=2, options=options, name="tensor_parallel")

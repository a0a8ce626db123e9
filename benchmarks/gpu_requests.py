"""Requests of random length and batch on one GPU after a warm-up: what compiles, and whether memory grows.

    python benchmarks/gpu_requests.py --out FILE [--requests 1000] [--seconds 300] [--tiny]

7B, bf16, prompts of 1 to 4,096 tokens in batches of 1 to 8, each in the smallest bucket that holds it. The requests
come in batches; the count is of requests. Stops early at the time limit and says how many were answered.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "reference_models")]

import torch  # noqa: E402

NEW_TOKENS = 8


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--tiny", action="store_true")
    chosen = parser.parse_args()

    from breakcheck_models.llama.config import preset
    from breakcheck_models.llama.generate import Decoder
    from breakcheck_models.llama.model import Llama
    from breakcheck_models.llama.random_weights import draw
    from breakcheck_models.llama.serve import Server

    from breakcheck.bench.machine import describe

    name = "llama2-tiny" if chosen.tiny else "llama2-7b"
    device = "cpu" if chosen.tiny else "cuda"
    config = preset(name)
    longest = min(4096, config.max_seq_len) - NEW_TOKENS
    lengths = (longest // 4, longest)
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    draw(model, device, torch.float32 if chosen.tiny else torch.bfloat16)
    model.allocate_cache(8, longest + NEW_TOKENS)
    server = Server(Decoder(model), lengths, batch_sizes=(1, 8), device=device)
    begin = time.perf_counter()
    buckets = server.warm_up()
    warm_s = time.perf_counter() - begin
    programs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    print(f"{buckets} buckets warm in {warm_s:.0f} s, {programs} graphs", flush=True)

    rng = random.Random(0)
    answered, batches, memory = 0, 0, []
    begin = time.perf_counter()
    while answered < chosen.requests and time.perf_counter() - begin < chosen.seconds:
        batch = min(rng.randint(1, 8), chosen.requests - answered)
        prompts = [[rng.randrange(config.vocab_size)] * rng.randint(1, longest) for _ in range(batch)]
        texts = server.answer(prompts, NEW_TOKENS)
        assert [len(text) for text in texts] == [NEW_TOKENS] * batch
        answered, batches = answered + batch, batches + 1
        memory.append(torch.cuda.memory_allocated() if device == "cuda" else 0)
    counters = torch._dynamo.utils.counters
    data = {
        "command": " ".join(sys.argv),
        "machine": describe(device),
        "model": name,
        "buckets": {"lengths": lengths, "batch_sizes": [1, 8]},
        "warm_up_s": warm_s,
        "graphs_after_warm_up": programs,
        "requests": answered,
        "batches": batches,
        "seconds": time.perf_counter() - begin,
        "graphs_compiled_by_requests": counters["stats"]["unique_graphs"] - programs,
        "recompile_limits_hit": sum(counters["recompile_limit"].values()),
        "allocated_bytes_after_first_batch": memory[0],
        "allocated_bytes_after_last_batch": memory[-1],
        "allocated_bytes_most": max(memory),
    }
    chosen.out.write_text(json.dumps(data, indent=1) + "\n")
    print(json.dumps(data))


if __name__ == "__main__":
    main()

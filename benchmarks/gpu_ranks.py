"""A tensor-parallel Llama compiled on every rank, to be observed: one report for all of them.

    breakcheck run --json FILE -m torch.distributed.run --nproc-per-node 2 benchmarks/gpu_ranks.py [--hostile] [--tiny]

A prompt and some decode steps, compiled, of eight layers as wide as 70B's. Before it is split, each rank computes the
logits with the whole model; the split one's must agree. `--hostile`: collectives that Dynamo does not trace, and on the
last rank alone a print. `--tiny` runs on CPUs over gloo.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "reference_models")]

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402

PROMPT_TOKENS, STEPS, COSINE = 16, 4, 0.999


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    chosen = parser.parse_args()
    rank, last = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]) - 1
    if chosen.tiny:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        torch.set_num_threads(1)
        device = "cpu"
    else:
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    dist.init_process_group("gloo" if chosen.tiny else "nccl")
    with torch.inference_mode():
        cosine = split_and_compiled(chosen.tiny, chosen.hostile, device, print_here=rank == last)
    where = "CPU" if chosen.tiny else torch.cuda.get_device_name()
    print(
        f"rank {rank} of {last + 1}, {dist.get_backend()}, {where}: cosine to the whole model {cosine:.6f}",
        flush=True,
    )
    dist.barrier()
    dist.destroy_process_group()
    if not cosine >= COSINE:
        raise SystemExit(f"the split model's logits are not the whole one's: cosine {cosine}")


def split_and_compiled(tiny: bool, hostile: bool, device: str, print_here: bool) -> float:
    """The cosine of the compiled, split model's logits to those of the whole one run eagerly."""
    from breakcheck_models.llama.hostile.swap import swap
    from breakcheck_models.llama.model import Llama
    from breakcheck_models.llama.random_weights import draw
    from breakcheck_models.llama.tensor_parallel import parallelize

    from breakcheck.bench.protocol import shape_of

    config = shape_of("llama3-tiny" if tiny else "llama2-70b:8")
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    draw(model, device, torch.float32 if tiny else torch.bfloat16)
    tokens = torch.randint(
        config.vocab_size, (1, PROMPT_TOKENS + STEPS), generator=torch.Generator().manual_seed(1)
    )
    tokens, positions = tokens.to(device), torch.arange(PROMPT_TOKENS + STEPS, device=device).unsqueeze(0)
    whole = model(tokens, positions)[:, PROMPT_TOKENS:]
    parallelize(model, dist.group.WORLD)
    model.allocate_cache(1, 64)
    if hostile:
        swap(model, "async-collectives")
    if hostile and print_here:
        swap(model, "print-shape")
    compiled = torch.compile(model, dynamic=False, backend="eager" if tiny else "inductor")
    compiled(tokens[:, :PROMPT_TOKENS], positions[:, :PROMPT_TOKENS])
    steps = range(PROMPT_TOKENS, PROMPT_TOKENS + STEPS)
    split = torch.cat([compiled(tokens[:, i : i + 1], positions[:, i : i + 1]) for i in steps], dim=1)
    return float(torch.cosine_similarity(whole.double().flatten(), split.double().flatten(), dim=0))


if __name__ == "__main__":
    main()

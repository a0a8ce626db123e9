"""Llama 2 70B by tensor parallel: hostile collectives, clean eager, and the fused model in one CUDA graph a token.

    torchrun --nproc-per-node 2 benchmarks/gpu_70b.py --out FILE [--stages eager,hostile,fused,one-op] [--tiny]

Stages: eager; hostile (hostile collectives, compiled); fused (sums by NCCL); one-op (sums inside the product's op,
through memory that the GPUs read from one another, where they can). The last two are profiled on GPUs.

512 tokens in, 50 out, batch 1, random weights drawn on each rank. The limit is the bytes that a rank must read over
the slowest rank's read bandwidth, measured in the same run. `--tiny` runs on CPUs over gloo.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "reference_models")]

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stages", default="eager,hostile,fused,one-op")
    parser.add_argument("--tiny", action="store_true")
    chosen = parser.parse_args()
    rank = int(os.environ["RANK"])
    device = "cpu" if chosen.tiny else f"cuda:{os.environ['LOCAL_RANK']}"
    if not chosen.tiny:
        torch.cuda.set_device(device)
    else:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        torch.set_num_threads(1)
    dist.init_process_group("gloo" if chosen.tiny else "nccl")
    report = Report(chosen.out, rank)
    with torch.inference_mode():
        run(chosen.stages.split(","), chosen.tiny, device, rank, report)
    dist.barrier()
    dist.destroy_process_group()


class Report:
    """What was measured, written by rank 0 after every stage."""

    def __init__(self, path: Path, rank: int) -> None:
        self.path, self.rank, self.data = path, rank, {"stages": {}}

    def add(self, key: str, value: Any) -> None:
        (self.data if key in ("machine", "limit") else self.data["stages"])[key] = value
        if self.rank == 0:
            self.path.write_text(json.dumps(self.data, indent=1) + "\n")
            print(key, json.dumps(value), flush=True)


def run(stages: list[str], tiny: bool, device: str, rank: int, report: Report) -> None:
    from breakcheck_models.llama.config import preset
    from breakcheck_models.llama.fused import fuse, share
    from breakcheck_models.llama.hostile.swap import swap
    from breakcheck_models.llama.model import Llama
    from breakcheck_models.llama.random_weights import draw
    from breakcheck_models.llama.sharding import shard
    from breakcheck_models.llama.symmetric import why_not_shared
    from breakcheck_models.llama.tensor_parallel import Ranks, wrap

    from breakcheck.bench import measure
    from breakcheck.bench.machine import describe, read_bandwidth
    from breakcheck.bench.protocol import prompt_row
    from breakcheck.bench.reference import compare, probe_tokens, reference_logits
    from breakcheck.bench.rows import Variant

    name = "llama3-tiny" if tiny else "llama2-70b"
    config = preset(name)
    row = prompt_row(name, config.max_seq_len, Variant.FUSED)
    num_ranks = dist.get_world_size()
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    shard(model, num_ranks, rank)
    draw(model, device, torch.float32 if tiny else torch.bfloat16, seed=rank)
    model.allocate_cache(1, 128 if tiny else 576)
    bandwidth = torch.tensor(max(read_bandwidth(device).values()), device=device, dtype=torch.float64)
    dist.all_reduce(bandwidth, op=dist.ReduceOp.MIN)
    bytes_a_rank = measure.bytes_read(model, row) if num_ranks == 1 else local_bytes(model, row)
    limit_ms = 1e3 * bytes_a_rank / float(bandwidth)
    report.add("machine", {**describe(device), "ranks": num_ranks, "command": " ".join(sys.argv)})
    report.add(
        "limit",
        {"bytes_a_rank": bytes_a_rank, "read_bandwidth_bytes_per_s": float(bandwidth), "ms": limit_ms},
    )

    def keep(key: str, stepper: Any, begin: float, **more: Any) -> None:
        prepared = time.perf_counter() - begin
        times = sorted(measure.timed(model, stepper, row, device))
        median = statistics.median(times)
        report.add(key, {
            "ms_median": median, "ms_p10": times[len(times) // 10], "ms_p90": times[len(times) * 9 // 10],
            "over_limit": median / limit_ms, "prepared_s": prepared, **more,
        })  # fmt: skip

    tokens = probe_tokens(config.vocab_size, 1, device)
    ranks = Ranks(dist.group.WORLD)
    if "eager" in stages or "hostile" in stages:
        wrap(model, ranks)
        if "eager" in stages:
            keep("eager", measure.Stepper(measure.plain_step(model)), time.perf_counter())
        if "hostile" in stages:
            swap(model, "async-collectives")
            begin = time.perf_counter()
            compiled = torch.compile(
                measure.plain_step(model), dynamic=False, backend="eager" if tiny else "inductor"
            )
            stepper, breaks = measure.observed(compiled, model, tokens)
            keep("hostile collectives, compiled", stepper, begin, breaks_per_token=breaks)
        for layer in model.layers:
            layer.attention, layer.ffn = layer.attention.inner, layer.ffn.inner
        model.embed, model.lm_head = model.embed.inner, model.lm_head.inner
        torch._dynamo.reset()
    fused_stages = [stage for stage in stages if stage in ("fused", "one-op")]
    if not fused_stages:
        return
    fuse(model)
    share(model, ranks)
    expected = reference_logits(model, tokens)
    positions = torch.arange(tokens.shape[1], device=device).unsqueeze(0)
    eager = model(tokens, positions)[:, -expected.shape[1] :]
    for stage in fused_stages:
        if stage == "one-op":
            reason = "" if tiny else why_not_shared(dist.group.WORLD, device)
            if reason:
                report.add("one-op not run", reason)
                continue
        for layer in model.layers:
            layer.ranks = Ranks(dist.group.WORLD, one_op=stage == "one-op")
        torch._dynamo.reset()
        begin = time.perf_counter()
        if tiny:
            compiled = torch.compile(
                measure.plain_step(model), dynamic=False, fullgraph=True, backend="eager"
            )
            stepper = measure.Stepper(compiled)
        else:
            stepper = measure.Stepper(measure.one_graph(model, measure.plain_step(model), row, device))
        parity = compare(expected, eager, measure.probe(model, stepper, tokens))
        keep(stage, stepper, begin, parity=parity.verdict, details=parity.details)
        if not tiny:
            from breakcheck_models.llama import tuning

            report.add(f"{stage}: kernels", profiled(stepper, tokens[:, :1].clone(), row.prompt_tokens))
            report.add("tiles", {key: f"{value / 1e12:.3f} TB/s" for key, value in tuning.reached.items()})


def profiled(stepper: Any, token: Any, position: int) -> dict[str, Any]:
    """Kernels of three tokens on this rank; every rank must call it, for they wait for one another."""
    from kernel_table import kernel_table

    at = torch.full_like(token, position)
    token, at, _ = stepper.step(token, at)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as seen:
        for _ in range(3):
            token, at, _ = stepper.step(token, at)
        torch.cuda.synchronize()
    return kernel_table(seen.events(), 3)


def local_bytes(model: Any, row: Any) -> int:
    """Bytes that this rank must read for a token: its weights and its part of the cache."""
    embed = model.embed.weight
    weights = sum(p.nbytes for p in model.parameters() if p is not embed)
    cache = model.layers[0].attention.cache.keys_NKE
    per_slot = 2 * len(model.layers) * cache[0].nbytes
    return int(weights + (row.prompt_tokens + row.new_tokens // 2) * per_slot)


if __name__ == "__main__":
    main()

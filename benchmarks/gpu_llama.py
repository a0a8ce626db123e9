"""Llama at the memory's speed, on one GPU: every rank of the benchmark in order, each stage a process of its own.

    python benchmarks/gpu_llama.py --out FOLDER [--stages fused,peers,...] [--peers CHECKOUTS] [--seconds 560]

Writes FOLDER/llama.json (rows of `breakcheck bench`, resumed when it exists), peers.json, profile.json,
first_token.json, tiles.json and a log; prints the tables. `--tiny` walks every path on a CPU in minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Stage to its limit in seconds; in rank order.
STAGES = {
    "fused": 150, "no-pdl": 60, "profile": 70, "cuda-graphs": 120, "gpt-fast": 170, "transformers": 130, "foundation-model-stack": 360,
    "hostile": 420, "int8": 120, "gpt-fast-int8": 170, "13b": 130, "gpt-fast-13b": 300, "first-token": 60,
    "figure1": 240, "70b-int8": 300, "70b-int8-profile": 200,
}  # fmt: skip
# Not run unless named: 76 GB at their peak, which 80 GB hold when freed pieces of one size serve another.
LARGE = ("70b-int8", "70b-int8-profile")
PEERS = {
    "gpt-fast": ("gpt-fast", "7b"), "transformers": ("transformers", "7b"),
    "foundation-model-stack": ("foundation-model-stack", "7b"), "gpt-fast-int8": ("gpt-fast-int8", "7b"),
    "gpt-fast-13b": ("gpt-fast", "13b"),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stages", default=",".join(stage for stage in STAGES if stage not in LARGE))
    parser.add_argument("--peers", type=Path, default=ROOT / ".peers")
    parser.add_argument("--seconds", type=float, default=560)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.one:
        run_stage(chosen.one, chosen.out, chosen.tiny)
        return
    end = time.monotonic() + chosen.seconds
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT), str(ROOT / "reference_models"), os.environ.get("PYTHONPATH", "")]
        ),
        "TORCHINDUCTOR_CACHE_DIR": os.environ.get("TORCHINDUCTOR_CACHE_DIR", "/tmp/breakcheck-inductor"),
        "TRITON_CACHE_DIR": os.environ.get("TRITON_CACHE_DIR", "/tmp/breakcheck-triton"),
    }
    for stage in chosen.stages.split(","):
        left = end - time.monotonic()
        limit = min(STAGES[stage], left)
        if limit < 20:
            print(f"{stage}: not run, {left:.0f} s left", flush=True)
            continue
        if stage in PEERS:
            peer, size = PEERS[stage]
            command = [sys.executable, str(ROOT / "benchmarks" / "gpu_peers.py"), peer, size, "--folder", str(chosen.peers),
                       "--out", str(chosen.out / "peers.json")]  # fmt: skip
            if chosen.tiny:
                command[3] = "tiny"
                command += ["--device", "cpu"]
        else:
            command = [
                sys.executable,
                __file__,
                "--out",
                str(chosen.out),
                "--one",
                stage,
                *(["--tiny"] * chosen.tiny),
            ]
        if stage in LARGE:
            environment.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        begin = time.monotonic()
        environment["BENCH_STARTED"] = str(time.time())
        with open(chosen.out / "log.txt", "a") as log:
            log.write(f"== {stage}\n")
            log.flush()
            try:
                done = subprocess.run(
                    command, env=environment, timeout=limit, stdout=subprocess.PIPE, stderr=log, text=True
                )
                said = done.stdout.strip().splitlines()[-12:]
                print(
                    f"== {stage} ({time.monotonic() - begin:.0f} s, exit {done.returncode})",
                    *said,
                    sep="\n",
                    flush=True,
                )
            except subprocess.TimeoutExpired as error:
                said_so_far = error.stdout or b""
                text = said_so_far.decode() if isinstance(said_so_far, bytes) else said_so_far
                print(f"== {stage}: stopped after {limit:.0f} s", text[-1500:], sep="\n", flush=True)


def run_stage(stage: str, out: Path, tiny: bool) -> None:
    import torch
    from breakcheck_models.llama.config import PRESETS

    from breakcheck.bench.protocol import figure_rows, prompt_row, shape_of
    from breakcheck.bench.rows import Variant
    from breakcheck.bench.runner import open_results, run_rows

    device, dtype = ("cpu", "float32") if tiny else ("cuda", "bfloat16")
    small = "llama2-tiny" if tiny else "llama2-7b"
    large = "llama3-tiny" if tiny else "llama2-13b"
    largest = "llama3-tiny" if tiny else "llama2-70b"
    tiles = out / "tiles.json"
    if not tiny:
        from breakcheck_models.llama import gemv_kernels, tuning

        if tiles.exists() and stage != "fused":
            tuning.load_tiles(tiles)
        if stage == "no-pdl":
            gemv_kernels.pdl = False

    def row(model: str, variant: Variant, component: str = "") -> Any:
        return prompt_row(model, shape_of(model).max_seq_len, variant, component)

    rows = {
        "fused": [row(small, Variant.FUSED)],
        "cuda-graphs": [row(small, Variant.CUDA_GRAPHS)],
        "no-pdl": [row(small, Variant.FUSED)],
        "int8": [row(small, Variant.FUSED_INT8)],
        "13b": [row(large, Variant.FUSED)],
        "70b-int8": [row(largest, Variant.FUSED_INT8)],
        "figure1": figure_rows(1, small, PRESETS[small].max_seq_len, Variant.CUDA_GRAPHS),
    }
    if stage == "hostile":
        from breakcheck_models.llama.hostile.swap import COMPONENTS

        # Four layers: two components compile the whole graph anew for every token until Dynamo gives up.
        few = f"{small}:{2 if tiny else 4}"
        rows[stage] = [row(few, Variant.COMPILE_SDPA, name) for name in ("", *COMPONENTS)]
    if stage == "profile":
        profile(row(small, Variant.FUSED), device, dtype, out / "profile.json")
    elif stage == "70b-int8-profile":
        profile(row(largest, Variant.FUSED_INT8), device, dtype, out / "profile-70b-int8.json")
    elif stage == "first-token":
        first_token(small, device, dtype, out)
    else:
        name = "llama-no-pdl.json" if stage == "no-pdl" else "llama.json"
        results = open_results(out / name, device, f"python benchmarks/gpu_llama.py --stages {stage}")
        run_rows(rows[stage], results, device, dtype, lambda line: print(line, flush=True))
        if stage == "fused":
            print({key: f"{value / 1e12:.3f} TB/s" for key, value in results.bandwidth.items()})
    if not tiny:
        tuning.save_tiles(tiles)
        for key, value in tuning.reached.items():
            print(f"  {key}: {value / 1e12:.3f} TB/s")
        print(f"peak memory {torch.cuda.max_memory_allocated() / 1e9:.1f} GB")


def profile(row: Any, device: str, dtype: str, out: Path) -> None:
    """Kernels of one fused token: calls, microseconds, the gaps between them, and what each product reads a second."""
    import torch
    from kernel_table import kernel_table, product_table

    from breakcheck.bench.measure import build, build_int8, prepare
    from breakcheck.bench.protocol import shape_of
    from breakcheck.bench.reference import probe_tokens
    from breakcheck.bench.rows import Variant

    with torch.inference_mode():
        tokens = probe_tokens(shape_of(row.model).vocab_size, 1, device)
        if row.variant is Variant.FUSED_INT8:
            model, _ = build_int8(row, device, dtype, tokens)
        else:
            model = build(row, device, dtype)
        stepper, _ = prepare(model, row, device, tokens)
        token, at = tokens[:, :1].clone(), torch.full_like(tokens[:, :1], row.prompt_tokens)
        for _ in range(3):
            token, at, _ = stepper.step(token, at)
        activities = [
            torch.profiler.ProfilerActivity.CPU if device == "cpu" else torch.profiler.ProfilerActivity.CUDA
        ]
        with torch.profiler.profile(activities=activities) as seen:
            for _ in range(5):
                token, at, _ = stepper.step(token, at)
            if device != "cpu":
                torch.cuda.synchronize()
    data = {"row": row.key, **kernel_table(seen.events(), 5, on_cpu=device == "cpu")}
    if device != "cpu":
        data["products"] = product_table(seen.events(), product_bytes(model), len(model.layers))
        for name, numbers in data["products"].items():
            print(f"  {name:8} {numbers['microseconds']:8.2f} us, {numbers['bytes_per_s'] / 1e12:.3f} TB/s")
    out.write_text(json.dumps(data, indent=1) + "\n")
    print(json.dumps({key: value for key, value in data.items() if key not in ("kernels", "products")}))
    for name, numbers in list(data["kernels"].items())[:9]:
        print(f"  {numbers['calls_per_token']:6.1f} x {numbers['microseconds_each']:8.2f} us  {name}")


def product_bytes(model: Any) -> dict[str, int]:
    """Bytes of each product's weight in a fused model, in the order in which a layer runs them; the head last."""
    layer = model.layers[0]
    products = {
        "qkv": layer.attention.qkv, "o": layer.attention.o, "gate_up": layer.ffn.gate_up, "down": layer.ffn.down,
        "head": model.lm_head.head,
    }  # fmt: skip
    return {name: sum(buffer.nbytes for buffer in part.buffers()) for name, part in products.items()}


def first_token(model_name: str, device: str, dtype: str, out: Path) -> None:
    """Seconds from the start of this process to the first token, compile caches warm."""
    import torch
    from breakcheck_models.llama.config import PRESETS

    from breakcheck.bench.measure import build, prepare
    from breakcheck.bench.protocol import prompt_row
    from breakcheck.bench.reference import probe_tokens
    from breakcheck.bench.rows import Variant

    row = prompt_row(model_name, PRESETS[model_name].max_seq_len, Variant.FUSED)
    with torch.inference_mode():
        model = build(row, device, dtype)
        tokens = probe_tokens(model.config.vocab_size, 1, device)
        built = time.time() - float(os.environ["BENCH_STARTED"])
        stepper, _ = prepare(model, row, device, tokens)
        token, _, _ = stepper.step(tokens[:, :1].clone(), torch.zeros_like(tokens[:, :1]))
        int(token)
    seconds = time.time() - float(os.environ["BENCH_STARTED"])
    data = {
        "row": row.key,
        "seconds_to_model": built,
        "seconds_to_first_token": seconds,
        "torch": torch.__version__,
    }
    (out / "first_token.json").write_text(json.dumps(data, indent=1) + "\n")
    print(json.dumps(data))


if __name__ == "__main__":
    main()

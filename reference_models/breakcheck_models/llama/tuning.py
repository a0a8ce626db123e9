"""Choose the tile of every product on the machine at hand, by timing whole walks over the model's own weights."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import torch

from breakcheck_models.llama import gemv_kernels
from breakcheck_models.llama.fused import FusedAttention, FusedFeedForward, FusedLinear
from breakcheck_models.llama.gemv import norm_linear
from breakcheck_models.llama.model import Llama

ROUNDS = 5
# What each tuned product reached in this process, bytes per second.
reached: dict[str, float] = {}


@torch.inference_mode()
def tune(model: Llama) -> None:
    """Fill `gemv_kernels.chosen` with the fastest tile of each product of `model`, a fused one on CUDA.

    Every candidate reads the weights of all layers in turn inside one CUDA graph, so that no cache helps it. Products
    that are chosen already are skipped.
    """
    # What follows a norm, and what adds to the residual instead, as in the model: the kernel differs.
    summed = {
        id(part.o if isinstance(part, FusedAttention) else part.down)
        for part in model.modules()
        if isinstance(part, FusedAttention | FusedFeedForward)
    }
    gated = {id(part.gate_up) for part in model.modules() if isinstance(part, FusedFeedForward)}
    groups: dict[tuple[int, int, torch.dtype, bool], list[FusedLinear]] = {}
    for part in model.modules():
        if isinstance(part, FusedLinear):
            rows, columns = part.weight.shape
            groups.setdefault((rows, columns, part.weight.dtype, id(part) in gated), []).append(part)
    for key, parts in groups.items():
        if key in gemv_kernels.chosen:
            continue
        if len(parts) == 1:  # the head: larger than the cache by itself
            parts = parts * 4
        seconds: dict[gemv_kernels.Tile, float] = {}
        for tile in gemv_kernels.candidates(key[2]):
            gemv_kernels.chosen[key] = tile
            seconds[tile] = _walk_seconds(parts, key[3], normed=id(parts[0]) not in summed)
        best = min(seconds, key=lambda tile: seconds[tile])
        gemv_kernels.chosen[key] = best
        size = sum(part.weight.nbytes + (0 if part.scale is None else part.scale.nbytes) for part in parts)
        reached[f"{key[0]}x{key[1]} {key[2]}".replace("torch.", "") + f" {best}"] = size / seconds[best]


def _walk_seconds(parts: list[FusedLinear], gated: bool, normed: bool) -> float:
    rows, columns = parts[0].weight.shape
    dtype = torch.bfloat16 if parts[0].scale is not None else parts[0].weight.dtype
    x = torch.randn(1, columns, device="cuda", dtype=dtype)
    norm = torch.ones_like(x[0]) if normed else None
    residual = None if normed else torch.randn(1, rows, device="cuda", dtype=dtype)

    def walk() -> None:
        for part in parts:
            norm_linear(x, norm, part.weight, part.scale, residual, 1e-5, gated)

    walk()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        walk()
    times = []
    for _ in range(ROUNDS):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / 1e3)
    return min(times)


def save_tiles(path: Path) -> None:
    """Keep the chosen tiles, so that a later process need not tune."""
    rows = [[n, k, str(dtype).removeprefix("torch."), gated, *astuple(tile)]
            for (n, k, dtype, gated), tile in gemv_kernels.chosen.items()]  # fmt: skip
    path.write_text(json.dumps(rows) + "\n", encoding="utf-8")


def load_tiles(path: Path) -> None:
    """Take over the tiles that `save_tiles` kept."""
    for n, k, dtype, gated, *tile in json.loads(path.read_text(encoding="utf-8")):
        gemv_kernels.chosen[n, k, getattr(torch, dtype), gated] = gemv_kernels.Tile(*tile)

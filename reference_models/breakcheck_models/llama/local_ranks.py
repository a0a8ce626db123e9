"""A function on several processes of this machine, over gloo: what `torchrun` does, from inside a program."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.multiprocessing.spawn import spawn


def run_ranks(worker: Callable[[int], Any], num_ranks: int = 2) -> list[Any]:
    """What `worker(rank)` returns on each rank, through `torch.save`; raises what a rank raised.

    worker: a function at the top of a file, found again by file and name, so that the file need not be importable.
    """
    place = (worker.__code__.co_filename, worker.__name__)
    with tempfile.TemporaryDirectory() as folder:
        spawn(_on_rank, (*place, num_ranks, folder), nprocs=num_ranks)
        return [torch.load(Path(folder) / f"{rank}.pt", weights_only=False) for rank in range(num_ranks)]


def _on_rank(rank: int, file: str, name: str, num_ranks: int, folder: str) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo" if sys.platform == "linux" else "lo0")
    torch.set_num_threads(1)
    spec = importlib.util.spec_from_file_location("breakcheck_rank_worker", file)
    assert spec is not None, file
    assert spec.loader is not None, file
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=num_ranks)
    try:
        torch.save(getattr(module, name)(rank), Path(folder) / f"{rank}.pt")
        dist.barrier()
    finally:
        dist.destroy_process_group()

"""The 162 graph breaks of a tensor-parallel 70B: two all-reduces a layer and an all-gather at each end.

The depth of 70B at tiny width on two gloo processes. The hostile collectives leave compiled code 162 times in one
warm forward; being asynchronous each breaks twice, at the call and at the wait. The clean ones never.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

import torch.distributed as dist  # noqa: E402
from breakcheck_models.llama.config import PRESETS  # noqa: E402
from breakcheck_models.llama.local_ranks import run_ranks  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402

CONFIG = dataclasses.replace(
    PRESETS["llama2-70b"],
    hidden_size=32,
    num_heads=4,
    num_kv_heads=2,
    ffn_size=32,
    vocab_size=64,
    max_seq_len=16,
)


def breaks_seen(rank: int) -> object:
    from breakcheck_models.llama.hostile.swap import swap
    from breakcheck_models.llama.tensor_parallel import parallelize

    from breakcheck import Case
    from breakcheck.runtime.observe import observe

    found = {}
    for kind in ("clean", "hostile"):
        torch.manual_seed(0)
        model = parallelize(Llama(CONFIG).eval().requires_grad_(False), dist.group.WORLD)
        if kind == "hostile":
            swap(model, "async-collectives")
        tokens = torch.arange(8).unsqueeze(0)
        observation = observe(Case(model, calls=[(tokens,), (tokens,)], warmup=1), backend="eager")
        assert not observation.errors
        found[kind] = [
            (Path(site.path).name, site.source.strip(), site.executions_per_call)
            for site in observation.breaks
        ]
    return found


def test_a_70b_leaves_compiled_code_162_times_and_the_clean_one_never() -> None:
    for found in run_ranks(breaks_seen):
        assert found["clean"] == []
        assert {file for file, _, _ in found["hostile"]} == {"async_collectives.py"}
        calls = {
            source.split("(")[0].removeprefix("work = "): n
            for _, source, n in found["hostile"]
            if "dist." in source
        }
        waits = [n for _, source, n in found["hostile"] if source == "work.wait()"]
        assert calls == {"dist.all_reduce": 2 * 80, "dist.all_gather": 2}
        assert sorted(waits) == [2, 160]
        collectives, executed = sum(calls.values()), sum(calls.values()) + sum(waits)
        print(
            f"{collectives} collectives leave compiled code in one warm forward, {executed} executed breaks"
        )
        assert (collectives, executed) == (162, 324)

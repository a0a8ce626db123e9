"""Once warm, no request compiles anything."""

from __future__ import annotations

import dataclasses
import random

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

from breakcheck_models.llama.config import PRESETS  # noqa: E402
from breakcheck_models.llama.generate import Decoder  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.serve import Server, buckets_up_to  # noqa: E402

CONFIG = dataclasses.replace(PRESETS["llama2-tiny"], num_layers=1, hidden_size=16, num_heads=2, num_kv_heads=1,
                             ffn_size=32, max_seq_len=4200)  # fmt: skip


def server(largest: int, compiled: list[int] | None = None) -> Server:
    torch.manual_seed(0)
    torch._dynamo.reset()
    model = Llama(CONFIG).eval().requires_grad_(False)
    model.allocate_cache(8, largest + 40)

    def counting(graph: torch.fx.GraphModule, inputs: object) -> object:
        if compiled is not None:
            compiled.append(1)
        return graph.forward

    decoder = Decoder(
        model, compile_options=None if compiled is None else {"backend": counting, "fullgraph": True}
    )
    return Server(decoder, buckets_up_to(largest, 16))


def prompts(count: int, longest: int, seed: int) -> list[list[int]]:
    rng = random.Random(seed)
    return [[rng.randrange(256) for _ in range(rng.randint(1, longest))] for _ in range(count)]


def test_a_thousand_random_requests_compile_nothing_more() -> None:
    compiled: list[int] = []
    serving = server(128, compiled)
    assert serving.warm_up() == 4 * 4
    warm = len(compiled)
    rng = random.Random(1)
    for i in range(1000):
        batch = prompts(rng.randint(1, 8), rng.randint(1, 128), i)
        assert len(serving.answer(batch, 3)) == len(batch)
    assert len(compiled) == warm


def test_buckets_reach_4096() -> None:
    assert buckets_up_to(4096, 64) == (64, 128, 256, 512, 1024, 2048, 4096)


def test_a_batch_of_different_lengths_gives_what_each_request_gives_alone() -> None:
    serving = server(64)
    batch = prompts(5, 60, 3)
    assert serving.answer(batch, 12) == [serving.answer([each], 12)[0] for each in batch]


def test_requests_that_come_and_go_give_what_each_gives_alone_in_one_decode_graph() -> None:
    compiled: list[int] = []
    serving = server(64, compiled)
    requests = prompts(21, 60, 4)
    streamed = dict(serving.stream(requests, 14))
    graphs = len(compiled)
    assert dict(serving.stream(requests, 14)) == streamed
    assert len(compiled) == graphs
    alone = server(64)
    assert [streamed[i] for i in range(21)] == [alone.answer([each], 14)[0] for each in requests]


def test_what_no_bucket_holds_is_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match="65 tokens are more than the largest bucket, 64"):
        server(64).answer([[1] * 65], 2)
    with pytest.raises(ValueError, match="9 requests are more than the largest bucket, 8"):
        server(64).answer([[1]] * 9, 2)

"""Tensor parallel from outside: two processes compute what one does, forward and backward."""

from __future__ import annotations

import dataclasses

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

import torch.distributed as dist  # noqa: E402
from breakcheck_models.llama.config import PRESETS  # noqa: E402
from breakcheck_models.llama.local_ranks import run_ranks  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.sharding import duplicate_heads, kv_replicas, reshard, split_dim  # noqa: E402

TINY = PRESETS["llama2-tiny"]
SHAPES = {
    "mha": TINY,
    "gqa": dataclasses.replace(TINY, num_kv_heads=2),
    "one-kv-head": dataclasses.replace(TINY, num_kv_heads=1),
}


def model_of(shape: str) -> Llama:
    torch.manual_seed(0)
    return Llama(SHAPES[shape]).double()


TOKENS = torch.randint(256, (3, 12), generator=torch.Generator().manual_seed(5))


def loss_and_grads(model: Llama, backend: str | None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    call = model if backend is None else torch.compile(model, backend=backend, fullgraph=True)
    logits = call(TOKENS)
    torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), TOKENS[:, 1:].flatten()).backward()
    names = {n.replace(".inner", ""): p.grad for n, p in model.named_parameters()}
    return logits.detach(), names


BACKENDS = (None, "aot_eager")


def forward_and_backward(rank: int) -> object:
    from breakcheck_models.llama.tensor_parallel import parallelize

    results: dict[object, object] = {
        f"fused, one op: {one_op}": fused_text(rank, num_ranks=2, one_op=one_op) for one_op in (False, True)
    }
    return results | {
        (shape, backend): loss_and_grads(parallelize(model_of(shape), dist.group.WORLD), backend)
        for shape in SHAPES
        for backend in BACKENDS
    }


def fused_text(rank: int, num_ranks: int, one_op: bool = False) -> list[int]:
    """The tokens that `rank` of `num_ranks` generates; the caller says how many, for a test beside it in this process may
    have left a process group of its own."""
    from breakcheck_models.llama.fused import fuse, share
    from breakcheck_models.llama.generate import Decoder
    from breakcheck_models.llama.sharding import shard
    from breakcheck_models.llama.tensor_parallel import Ranks

    model = model_of("gqa").eval().requires_grad_(False)
    if num_ranks > 1:
        shard(model, num_ranks, rank)
    model.allocate_cache(1, 64)
    fuse(model)
    if num_ranks > 1:
        share(model, Ranks(dist.group.WORLD, one_op))
    decoder = Decoder(model, compile_options={"backend": "eager", "fullgraph": True})
    return decoder.generate(TOKENS[:1], torch.tensor([12]), 20).tokens_BT[0].tolist()


@pytest.fixture(scope="module")
def two_ranks() -> list[object]:
    return run_ranks(forward_and_backward)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_two_ranks_give_the_logits_and_gradients_of_one(two_ranks, shape: str, backend: str | None) -> None:
    config = SHAPES[shape]
    logits, grads = loss_and_grads(model_of(shape), None)
    for rank, results in enumerate(two_ranks):
        rank_logits, rank_grads = results[shape, backend]
        torch.testing.assert_close(rank_logits, logits)
        [expected] = [part for r, part in enumerate(reshard(grads, config, 2)) if r == rank]
        assert rank_grads.keys() == expected.keys()
        for name, grad in expected.items():
            torch.testing.assert_close(rank_grads[name], grad, msg=f"rank {rank}: {name}")


@pytest.mark.parametrize("one_op", [False, True])
def test_the_fused_model_on_two_ranks_generates_the_text_of_one(two_ranks, one_op: bool) -> None:
    texts = [results[f"fused, one op: {one_op}"] for results in two_ranks]
    assert texts == [fused_text(0, num_ranks=1)] * 2


def test_duplicated_kv_heads_leave_the_logits_as_they_were() -> None:
    model = model_of("gqa")
    wide = Llama(dataclasses.replace(SHAPES["gqa"], num_kv_heads=4)).double()
    wide.load_state_dict(
        {
            name: duplicate_heads(weight, TINY.head_dim, 2)
            if name.endswith(("k_proj.weight", "v_proj.weight"))
            else weight
            for name, weight in model.state_dict().items()
        }
    )
    with torch.no_grad():
        torch.testing.assert_close(wide(TOKENS), model(TOKENS), rtol=0, atol=1e-13)


def test_resharding_beyond_the_kv_heads_gives_each_rank_the_head_of_its_queries() -> None:
    config = SHAPES["gqa"]
    state = model_of("gqa").state_dict()
    parts = list(reshard(state, config, 4))
    for name, full in state.items():
        dim = split_dim(name)
        if dim is None:
            assert all(torch.equal(part[name], full) for part in parts)
        elif name.endswith(("k_proj.weight", "v_proj.weight")):
            wide = duplicate_heads(full, config.head_dim, 2)
            assert torch.equal(torch.cat([part[name] for part in parts]), wide)
        else:
            assert torch.equal(torch.cat([part[name] for part in parts], dim=dim), full)


def test_ranks_that_do_not_fit_are_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match="3 ranks must divide 4 heads"):
        kv_replicas(TINY, 3)

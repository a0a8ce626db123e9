"""Shapes, RoPE forms and the cache, without any other library."""

from __future__ import annotations

import dataclasses

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

from breakcheck_models.llama.config import PRESETS, LlamaConfig, preset  # noqa: E402
from breakcheck_models.llama.generate import Decoder, Sampling, choose  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.rope import (  # noqa: E402
    MatrixRotaryEmbedding,
    RotaryEmbedding,
    to_half_order,
    to_interleaved_order,
)
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

TINY = PRESETS["llama2-tiny"]
PARAMETERS = {
    "llama2-7b": 6_738_415_616,
    "llama2-13b": 13_015_864_320,
    "llama2-70b": 68_976_648_192,
    "llama3-8b": 8_030_261_248,
    "llama3-70b": 70_553_706_496,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_presets_have_the_published_parameter_counts(name: str) -> None:
    config = dataclasses.replace(PRESETS[name], max_seq_len=8)  # the RoPE table is no parameter
    with torch.device("meta"):
        model = Llama(config)
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name] == config.num_parameters


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown Llama 'llama2-8b': the presets are llama2-tiny, llama2-7b"):
        preset("llama2-8b")


def test_a_shape_that_cannot_be_is_refused_with_its_numbers() -> None:
    with pytest.raises(ValueError, match="num_heads must be a multiple of num_kv_heads, got 4 and 3"):
        LlamaConfig(hidden_size=64, num_heads=4, num_kv_heads=3)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31), pairs=st.integers(1, 16), length=st.integers(1, 9), base=st.floats(2.0, 1e6)
)
def test_the_rope_forms_agree_within_float64_rounding(
    seed: int, pairs: int, length: int, base: float
) -> None:
    from breakcheck_models.llama.hostile.complex_rope import RotaryEmbedding as ComplexRotaryEmbedding

    config = LlamaConfig(hidden_size=4 * pairs, num_heads=2, num_kv_heads=2, max_seq_len=64, rope_base=base)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, length, 2, 2 * pairs, dtype=torch.float64, generator=generator)
    positions = torch.randint(64, (2, length), generator=generator)
    interleaved = to_interleaved_order(x.movedim(-1, 0), 2 * pairs).movedim(0, -1).contiguous()
    results = {}
    for form, given_x in (
        (RotaryEmbedding, x),
        (MatrixRotaryEmbedding, interleaved),
        (ComplexRotaryEmbedding, interleaved),
    ):
        rope = form(config)
        rope.reset_table("cpu", torch.float64)
        out = rope(given_x, rope.at(positions))
        if rope.order == "interleaved":
            out = to_half_order(out.movedim(-1, 0), 2 * pairs).movedim(0, -1)
        results[form] = out
    expected = results.pop(RotaryEmbedding)
    for out in results.values():
        torch.testing.assert_close(
            out, expected, rtol=0, atol=8 * torch.finfo(torch.float64).eps * float(x.abs().max())
        )


def test_the_head_orders_undo_each_other() -> None:
    weight = torch.randn(24, 5)
    assert torch.equal(to_half_order(to_interleaved_order(weight, 8), 8), weight)
    assert not torch.equal(to_interleaved_order(weight, 8), weight)


def test_an_oversized_cache_is_refused() -> None:
    with pytest.raises(ValueError, match="num_slots must be at most max_seq_len 128, got 129"):
        Llama(TINY).allocate_cache(1, 129)


def decoder(**kwargs: object) -> Decoder:
    torch.manual_seed(0)
    model = Llama(TINY).eval()
    model.allocate_cache(2, 64)
    return Decoder(model, **kwargs)


PROMPTS = torch.randint(256, (2, 16), generator=torch.Generator().manual_seed(3))
LENGTHS = torch.tensor([16, 9])


def test_greedy_decoding_equals_choosing_from_the_whole_text_each_time() -> None:
    run = decoder(compile_options={"backend": "eager", "fullgraph": True})
    generated = run.generate(PROMPTS, LENGTHS, 12)
    model = run.model
    model.num_slots = 0
    for layer in model.layers:
        layer.attention.cache = None
    for row in range(2):
        text = PROMPTS[row, : LENGTHS[row]].tolist()
        for _ in range(12):
            text.append(int(model(torch.tensor([text]))[0, -1].argmax()))
        assert generated.tokens_BT[row].tolist() == text[int(LENGTHS[row]) :]


def test_the_host_asks_for_the_end_once_every_interval() -> None:
    never = decoder(compile_options=None, eos_token=999, eos_interval=10).generate(PROMPTS, LENGTHS, 41)
    assert (never.steps, never.transfers) == (40, 4)
    unasked = decoder(compile_options=None).generate(PROMPTS, LENGTHS, 41)
    assert unasked.transfers == 0


def test_an_end_wastes_fewer_tokens_than_the_interval() -> None:
    text = decoder(compile_options=None).generate(PROMPTS[:1], LENGTHS[:1], 40).tokens_BT[0].tolist()
    eos = text[12]
    ended_at = text.index(eos) + 1
    run = decoder(compile_options=None, eos_token=eos, eos_interval=10).generate(PROMPTS[:1], LENGTHS[:1], 40)
    assert 0 <= run.tokens_BT.shape[1] - ended_at < 10


def test_sampling_follows_the_softmax_and_keeps_to_the_top_k() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]]).expand(20000, 4)
    share = torch.bincount(choose(logits, Sampling(temperature=1.0))[:, 0], minlength=4) / 20000
    torch.testing.assert_close(share, logits[0].softmax(-1), atol=0.015, rtol=0)
    drawn = choose(logits, Sampling(temperature=5.0, top_k=2))
    assert set(drawn.flatten().tolist()) == {0, 1}


def test_a_request_longer_than_the_cache_is_refused() -> None:
    with pytest.raises(
        ValueError, match="16 prompt slots and 60 new tokens need more than the cache's 64 slots"
    ):
        decoder(compile_options=None).generate(PROMPTS, LENGTHS, 60)

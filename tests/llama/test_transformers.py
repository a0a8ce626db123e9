"""The clean model is transformers' Llama: the same logits from the same weights."""

from __future__ import annotations

import dataclasses

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")
transformers = pytest.importorskip("transformers", reason="the logits are compared with transformers'")

from breakcheck_models.llama.config import PRESETS, LlamaConfig  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.names import from_huggingface  # noqa: E402

SHAPES = {
    "mha": dataclasses.replace(PRESETS["llama2-tiny"], max_seq_len=512),
    "gqa": dataclasses.replace(PRESETS["llama2-tiny"], max_seq_len=512, num_kv_heads=2),
    "scaled-rope": dataclasses.replace(PRESETS["llama3-tiny"], max_seq_len=512),
    "tied": dataclasses.replace(PRESETS["llama2-tiny"], max_seq_len=512, tie_embeddings=True),
}


def pair(config: LlamaConfig) -> tuple[Llama, torch.nn.Module]:
    torch.manual_seed(0)
    scaling = config.rope_scaling
    rope = {"rope_type": "default", "rope_theta": config.rope_base}
    if scaling is not None:
        rope |= {
            "rope_type": "llama3",
            "factor": scaling.factor,
            "low_freq_factor": scaling.low_freq_factor,
            "high_freq_factor": scaling.high_freq_factor,
            "original_max_position_embeddings": scaling.original_max_seq_len,
        }
    theirs = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.hidden_size,
            intermediate_size=config.ffn_size,
            num_hidden_layers=config.num_layers,
            num_attention_heads=config.num_heads,
            num_key_value_heads=config.num_kv_heads,
            max_position_embeddings=config.max_seq_len,
            rms_norm_eps=config.norm_eps,
            tie_word_embeddings=config.tie_embeddings,
            rope_parameters=rope,
            attention_bias=False,
            initializer_range=0.2,
        )
    ).eval()
    ours = Llama(config).eval()
    ours.load_state_dict(from_huggingface(theirs.state_dict(), config))
    return ours, theirs


def relative_rmse(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).norm() / b.norm())


@pytest.fixture(params=SHAPES)
def models(request: pytest.FixtureRequest) -> tuple[Llama, torch.nn.Module, torch.Tensor, torch.Tensor]:
    ours, theirs = pair(SHAPES[request.param])
    tokens = torch.randint(256, (2, 512), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return ours, theirs, tokens, theirs(tokens).logits


@torch.inference_mode()
def test_logits_are_equal_on_512_positions(models) -> None:
    ours, _, tokens, expected = models
    logits = ours(tokens)
    assert relative_rmse(logits, expected) < 1e-5
    assert torch.equal(logits.argmax(-1), expected.argmax(-1))


@torch.inference_mode()
def test_prefill_and_decode_over_the_cache_give_the_same_logits(models) -> None:
    ours, _, tokens, expected = models
    ours.allocate_cache(2, 512)
    positions = torch.arange(512).repeat(2, 1)
    parts = [ours(tokens[:, :480], positions[:, :480])]
    parts += [ours(tokens[:, i : i + 1], positions[:, i : i + 1]) for i in range(480, 512)]
    logits = torch.cat(parts, dim=1)
    assert relative_rmse(logits, expected) < 1e-5
    assert torch.equal(logits.argmax(-1), expected.argmax(-1))


@torch.inference_mode()
def test_prompts_of_different_length_padded_to_a_bucket_give_the_same_logits(models) -> None:
    ours, _, tokens, expected = models
    ours.allocate_cache(2, 512)
    lengths = [300, 211]
    padded = torch.zeros(2, 384, dtype=torch.long)
    for row, length in enumerate(lengths):
        padded[row, :length] = tokens[row, :length]
    logits = ours(padded, torch.arange(384).repeat(2, 1))
    for row, length in enumerate(lengths):
        assert relative_rmse(logits[row, :length], expected[row, :length]) < 1e-5
    for step in range(3):
        position = torch.tensor([[n + step] for n in lengths])
        logits = ours(tokens.gather(1, position), position)
        for row, length in enumerate(lengths):
            assert relative_rmse(logits[row, 0], expected[row, length + step]) < 1e-5


def test_a_missing_permutation_shows() -> None:
    from breakcheck_models.llama.rope import reorder

    ours, theirs = pair(SHAPES["gqa"])
    tokens = torch.arange(64).unsqueeze(0)
    with torch.inference_mode():
        expected = theirs(tokens).logits
        reorder(ours, "interleaved")
        assert relative_rmse(ours(tokens), expected) > 0.01
        reorder(ours, "half")
        assert relative_rmse(ours(tokens), expected) < 1e-5

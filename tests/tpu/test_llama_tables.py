"""Llama's sharding tables, bucketed prompts and the functional Adafactor, without any XLA."""

from __future__ import annotations

import re

import pytest
import torch
from breakcheck_models.llama import spmd
from breakcheck_models.llama.adafactor import Adafactor
from breakcheck_models.llama.config import LlamaConfig, preset
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.quantize import quantize
from breakcheck_models.llama.tpu_cases import BUCKETS, TrainedLlama, bucket, decoding_case, recompute


def _names(model: torch.nn.Module) -> list[str]:
    return [name for name, _ in (*model.named_parameters(), *model.named_buffers())]


@pytest.mark.parametrize(
    ("table", "cached", "int8"),
    [
        (spmd.TRAINING, False, False), (spmd.FSDP, False, False), (spmd.DECODING, True, False),
        (spmd.with_int8(spmd.DECODING), True, True),
    ],
)  # fmt: skip
def test_every_tensor_matches_exactly_one_row_and_no_row_is_idle(
    table: spmd.Sharding, cached: bool, int8: bool
) -> None:
    model = Llama(preset("llama2-tiny"))
    if int8:
        quantize(model)
    if cached:
        model.allocate_cache(1, 16)
    names = _names(model)
    rows = {name: [row for row in table if re.fullmatch(row, name)] for name in names}
    assert {name: found for name, found in rows.items() if len(found) != 1} == {}
    assert set(table) == {found[0] for found in rows.values()}


def test_the_training_table_is_the_sources() -> None:
    specs = {
        name: next(spec for row, spec in spmd.TRAINING.items() if re.fullmatch(row, name))
        for name in _names(Llama(preset("llama2-tiny")))
    }
    assert specs["embed.weight"] == specs["lm_head.weight"] == ("model", "data")
    assert specs["layers.0.attention.q_proj.weight"] == ("data", "model")
    assert specs["layers.0.attention.o_proj.weight"] == ("model", "data")
    assert specs["layers.0.ffn.gate_proj.weight"] == ("model", "data")
    assert specs["layers.0.ffn.down_proj.weight"] == ("data", "model")
    assert specs["norm.weight"] == ()


def test_a_mesh_that_does_not_divide_the_heads_is_refused() -> None:
    with pytest.raises(ValueError, match="3 ranks must divide 64 heads"):
        spmd.check_mesh(preset("llama2-70b"), {"data": 2, "model": 3})
    assert spmd.check_mesh(preset("llama2-70b"), {"model": 16}) == 2


def test_prompts_of_any_length_share_one_program_a_bucket() -> None:
    assert {bucket(length) for length in range(1, BUCKETS[-1] + 1)} == set(BUCKETS)
    with pytest.raises(ValueError, match="longer than the largest bucket"):
        bucket(BUCKETS[-1] + 1)
    shapes = [
        tuple(call.args[0].shape) for call in decoding_case(preset("llama2-tiny"), num_slots=128).normalized()
    ]
    assert set(shapes) == {(1, 1), (1, 128)}


def test_kv_heads_are_duplicated_for_a_wider_model_axis() -> None:
    case = decoding_case(
        LlamaConfig(hidden_size=64, num_layers=1, num_heads=8, num_kv_heads=2, ffn_size=64, vocab_size=64),
        mesh={"model": 4},
    )
    assert case.model.layers[0].attention.k_proj.weight.shape == (4 * 8, 64)  # type: ignore[attr-defined]


@pytest.mark.parametrize("shape", [(6, 4), (5,)])
def test_adafactor_takes_torchs_steps(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    ours = torch.randn(shape)
    theirs = torch.nn.Parameter(ours.clone())
    optimizer = torch.optim.Adafactor([theirs])
    adafactor = Adafactor()
    state = adafactor.init(ours)
    for _ in range(5):
        gradient = torch.randn(shape)
        theirs.grad = gradient.clone()
        optimizer.step()
        adafactor.update(ours, gradient, state)
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-5, atol=1e-6)


def test_a_recomputed_training_step_has_the_plain_ones_gradients() -> None:
    torch.manual_seed(0)
    model = TrainedLlama(preset("llama2-tiny"))
    tokens = torch.randint(256, (2, 16))
    loss = model(tokens)
    loss.backward()
    expected = model.layers[0].ffn.up_proj.weight.grad
    logits = Llama.forward(model, tokens)[:, :-1]
    torch.testing.assert_close(
        loss, torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    )
    model.zero_grad()
    recompute(model)
    model(tokens).backward()
    torch.testing.assert_close(model.layers[0].ffn.up_proj.weight.grad, expected)

"""The fused model and its ops compute what the clean one does."""

from __future__ import annotations

import dataclasses

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

from breakcheck_models.llama import gemv  # noqa: E402
from breakcheck_models.llama.config import PRESETS  # noqa: E402
from breakcheck_models.llama.fused import fuse  # noqa: E402
from breakcheck_models.llama.generate import Decoder  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.quantize import (  # noqa: E402
    GroupedInt8Linear,
    quantize,
    quantize_groups,
    quantize_weight,
    restore,
)
from breakcheck_models.llama.random_weights import draw  # noqa: E402

TINY = PRESETS["llama2-tiny"]
PROMPT = torch.randint(256, (1, 20), generator=torch.Generator().manual_seed(2))


def model_of(num_kv_heads: int) -> Llama:
    torch.manual_seed(0)
    model = Llama(dataclasses.replace(TINY, num_kv_heads=num_kv_heads)).eval().requires_grad_(False)
    model.allocate_cache(1, 64)
    return model


def texts(model: Llama, compile_options: dict[str, object] | None) -> list[int]:
    decoder = Decoder(model, compile_options=compile_options)
    return decoder.generate(PROMPT, torch.tensor([20]), 30).tokens_BT[0].tolist()


@pytest.mark.parametrize("int8", ["no", "rows", "groups"])
@pytest.mark.parametrize("num_kv_heads", [4, 2])
def test_the_fused_model_generates_the_same_text_in_one_graph(num_kv_heads: int, int8: str) -> None:
    clean, fused = model_of(num_kv_heads), model_of(num_kv_heads)
    if int8 != "no":
        for model in (clean, fused):
            quantize(model, 16 if int8 == "groups" else None)
    fuse(fused)
    assert texts(fused, {"backend": "eager", "fullgraph": True}) == texts(clean, None)


def test_the_ops_pass_torchs_own_checks() -> None:
    x, weight = torch.randn(1, 16), torch.randn(12, 16)
    torch.library.opcheck(
        gemv.norm_linear, (x, torch.randn(16), weight, None, torch.randn(1, 12), 1e-5, False)
    )
    torch.library.opcheck(gemv.norm_linear, (x, None, weight, None, None, 0.0, True))
    cache = torch.zeros(8, 2, 4), torch.zeros(8, 2, 4)
    torch.library.opcheck(
        gemv.decode_attention, (torch.randn(1, 32), torch.randn(8, 2, 4), torch.tensor([[3]]), *cache, 8, 4)
    )


def test_int8_keeps_the_direction_of_the_logits() -> None:
    clean, quantized = model_of(2), model_of(2)
    quantize(quantized)
    clean.bfloat16()
    for module in quantized.modules():  # bf16 activations and cache; the scales stay float32
        for name, buffer in module.named_buffers(recurse=False):
            if name != "scale_N" and buffer.is_floating_point():
                setattr(module, name, buffer.bfloat16())
        for parameter in module.parameters(recurse=False):
            parameter.data = parameter.data.bfloat16()
    positions = torch.arange(20).unsqueeze(0)
    a, b = (model(PROMPT, positions).float().flatten() for model in (clean, quantized))
    assert torch.cosine_similarity(a, b, dim=0) >= 0.999


def test_a_row_is_restored_within_half_a_step() -> None:
    weight = torch.randn(5, 64)
    int8, scale = quantize_weight(weight)
    assert ((int8 * scale.unsqueeze(1) - weight).abs() <= scale.unsqueeze(1) / 2 * 1.0001).all()
    assert (int8.abs().amax(dim=1) == 127).all()


def test_a_group_is_restored_within_half_a_step_and_better_than_a_row() -> None:
    weight = torch.randn(5, 256, generator=torch.Generator().manual_seed(3)).bfloat16()
    int8, scale = quantize_groups(weight, 64)
    assert (scale.shape, scale.dtype) == ((5, 4), torch.bfloat16)
    restored = restore(int8, scale, torch.float64)
    assert (restored == restore(int8, scale, torch.float32)).all()
    step = scale.double().repeat_interleave(64, dim=1)
    assert ((restored - weight.double()).abs() <= step / 2 * 1.0001).all()
    assert (int8.unflatten(1, (4, 64)).abs().amax(dim=2) == 127).all()
    of_rows, row_scale = quantize_weight(weight.float())
    worse = (of_rows * row_scale.unsqueeze(1) - weight.float()).square().mean()
    assert (restored - weight.double()).square().mean() < 0.8 * worse


def test_rows_that_groups_do_not_divide_keep_one_scale() -> None:
    model = quantize(model_of(4), 64)
    kinds = {
        type(part).__name__: part.weight.shape[1] for part in model.modules() if hasattr(part, "scale_N")
    }
    assert kinds == {"Int8Linear": TINY.ffn_size}
    assert isinstance(model.lm_head, GroupedInt8Linear)


def test_a_part_is_told_of_before_the_next_has_storage() -> None:
    with torch.device("meta"):
        model = Llama(TINY).eval().requires_grad_(False)
    sizes = []

    def drawn(part: torch.nn.Module) -> None:
        quantize(part, 64)
        linear = [each for each in model.modules() if isinstance(each, torch.nn.Linear)]
        sizes.append(sum(each.weight.nbytes for each in linear if not each.weight.is_meta))

    quantize(draw(model, "cpu", torch.float32, drawn=drawn), 64)
    assert sizes == [0] * (TINY.num_layers + 2) + [model.lm_head.weight.numel() * 4]
    with torch.device("meta"):
        whole = Llama(TINY).eval().requires_grad_(False)
    quantize(draw(whole, "cpu", torch.float32), 64)
    for (name, a), (_, b) in zip(model.named_buffers(), whole.named_buffers(), strict=True):
        assert torch.equal(a, b), name

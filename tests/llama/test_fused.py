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
from breakcheck_models.llama.quantize import quantize, quantize_weight  # noqa: E402

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


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("num_kv_heads", [4, 2])
def test_the_fused_model_generates_the_same_text_in_one_graph(num_kv_heads: int, int8: bool) -> None:
    clean, fused = model_of(num_kv_heads), model_of(num_kv_heads)
    if int8:
        quantize(clean)
        quantize(fused)
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

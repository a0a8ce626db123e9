"""Whether a variant computes what the clean model does, judged as `check` judges parity.

The reference is the clean model in float32, or in float64 when it is float32 itself, one layer upcast at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from breakcheck.runtime.parity import COSINE, Errors, judge

if TYPE_CHECKING:
    from torch import Tensor

PROMPT = 16
STEPS = 8


def probe_tokens(vocab_size: int, batch_size: int, device: str) -> Tensor:
    """The tokens that every variant is fed, shape [batch, PROMPT + STEPS]."""
    import torch

    generator = torch.Generator().manual_seed(11)
    return torch.randint(vocab_size, (batch_size, PROMPT + STEPS), generator=generator).to(device)


def reference_logits(model: Any, tokens: Tensor) -> Tensor:
    """The logits of the last STEPS tokens in higher precision, without the cache; at most one layer is held twice."""
    import copy

    import torch

    dtype = torch.float64 if model.rope.table.dtype == torch.float32 else torch.float32

    def upcast(module: Any) -> Any:
        copied = copy.deepcopy(module)
        for part in copied.modules():
            if hasattr(part, "cache"):
                part.cache = None
        return copied.to(dtype)

    with torch.inference_mode():
        rope = upcast(model.rope)
        rope.reset_table(tokens.device, dtype)
        positions = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        states = model.embed(tokens).to(dtype)
        for layer in model.layers:
            wide = upcast(layer)
            wide.attention.rope = rope
            states = wide(states, positions, rope.at(positions), None)
        logits: Tensor = upcast(model.lm_head)(upcast(model.norm)(states[:, -STEPS:]))
        return logits


@dataclass(frozen=True)
class Parity:
    """The verdict on a variant's logits: "pass" or what is wrong, and the figures behind it."""

    verdict: str
    details: dict[str, Any]


def compare(reference: Tensor, eager: Tensor, variant: Tensor, unquantized: Tensor | None = None) -> Parity:
    """The verdict on `variant`, its distance to `reference` measured against eager's own.

    unquantized: the reference before INT8; then the cosine to it must reach 0.999 as well.
    """
    import torch

    def rmse(a: Tensor, b: Tensor) -> float:
        return float((a.double() - b.double()).square().mean().sqrt())

    def worst(a: Tensor, b: Tensor) -> float:
        return float((a.double() - b.double()).abs().max())

    errors = Errors(
        rms=float(reference.double().square().mean().sqrt()),
        rmse_eager=rmse(reference, eager),
        rmse_compiled=rmse(reference, variant),
        max_eager=worst(reference, eager),
        max_compiled=worst(reference, variant),
        eps=torch.finfo(variant.dtype).eps,
        dtype=str(variant.dtype).removeprefix("torch."),
    )
    judged = judge("logits", "value", errors)
    problem = judged.problem if bool(torch.isfinite(variant).all()) else "NaN or Inf in the logits"
    details: dict[str, Any] = {
        **judged.to_dict(),
        "argmax_agreement": float((reference.argmax(-1) == variant.argmax(-1)).double().mean()),
    }
    if unquantized is not None:
        cosine = torch.cosine_similarity(unquantized.double().flatten(), variant.double().flatten(), dim=0)
        details["cosine_to_unquantized"] = float(cosine)
        if not problem and float(cosine) < COSINE:
            problem = f"cosine to the unquantized logits {float(cosine):.5f}, at least {COSINE} is asked for"
    return Parity(problem or "pass", details)

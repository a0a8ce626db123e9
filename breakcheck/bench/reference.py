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
    reference = Reference(
        model.rope, tokens, "float64" if model.rope.table.element_size() == 4 else "float32"
    )
    for part in (model.embed, *model.layers, model.norm, model.lm_head):
        reference.add(part)
    return reference.states


class Reference:
    """The computation of `reference_logits` part by part, for a model whose parts are not all there at once.

    states: after the parts added so far; after the head, the logits.
    """

    states: Tensor

    def __init__(self, rope: Any, tokens: Tensor, dtype: str) -> None:
        import torch

        self.tokens, self.dtype = tokens, getattr(torch, dtype)
        self.rope = self._upcast(rope)
        self.rope.reset_table(tokens.device, self.dtype)
        self.positions = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        self.empty = True

    def add(self, part: Any) -> None:
        """Go through the next part: the embedding, then each layer, the last norm and the head."""
        import torch

        with torch.inference_mode():
            if self.empty:
                self.states, self.empty = part(self.tokens).to(self.dtype), False
                return
            wide = self._upcast(part)
            if hasattr(wide, "attention"):
                wide.attention.rope = self.rope
                self.states = wide(self.states, self.positions, self.rope.at(self.positions), None)
            else:
                self.states = wide(self.states[:, -STEPS:])

    def _upcast(self, module: Any) -> Any:
        import copy

        copied = copy.deepcopy(module)
        for part in copied.modules():
            if hasattr(part, "cache"):
                part.cache = None
        return copied.to(self.dtype)


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

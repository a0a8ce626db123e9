"""Weights drawn where they are used."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from breakcheck_models.llama.model import Llama


@torch.no_grad()
def draw(
    model: Llama,
    device: torch.device | str,
    dtype: torch.dtype,
    seed: int = 0,
    drawn: Callable[[nn.Module], object] | None = None,
) -> Llama:
    """`model`, made on meta, with storage on `device` and weights drawn there: no copy on the host.

    Matrices are normal with a deviation of 1/sqrt(fan in), so that states keep their size; norms are ones.
    drawn: called with the embedding, each layer, the last norm and the head, each as soon as it has its weights and
        before the next has storage. What quantizes them there never has the whole model in `dtype`.
    """
    model.to(dtype)  # while it is on meta: storage in the parameters' own float32 would be twice as much
    torch.manual_seed(seed)
    for part in (model.embed, *model.layers, model.norm, model.lm_head):
        part.to_empty(device=device)
        for parameter in part.parameters():
            if parameter.dim() == 1:
                parameter.fill_(1)
            else:
                parameter.normal_(std=1.0 if part is model.embed else parameter.shape[1] ** -0.5)
        model.rope.reset_table(device, dtype)
        if drawn is not None:
            drawn(part)
    return model

"""Weights drawn where they are used."""

from __future__ import annotations

import torch

from breakcheck_models.llama.model import Llama


@torch.no_grad()
def draw(model: Llama, device: torch.device | str, dtype: torch.dtype, seed: int = 0) -> Llama:
    """`model`, made on meta, with storage on `device` and weights drawn there: no copy on the host.

    Matrices are normal with a deviation of 1/sqrt(fan in), so that states keep their size; norms are ones.
    """
    model.to(dtype)  # while it is on meta: storage in the parameters' own float32 would be twice as much
    model.to_empty(device=device)
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            parameter.fill_(1)
        else:
            parameter.normal_(std=1.0 if name.startswith("embed") else parameter.shape[1] ** -0.5)
    model.rope.reset_table(device, dtype)
    return model
